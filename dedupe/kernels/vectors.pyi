"""
Loops with a form for each set of vector instructions, chosen at run time.
"""

import numpy
import numpy.typing

def widths() -> list[str]:
    """Instruction sets that this machine can run, the widest first."""

def minhash_with(
    name: str,
    values: numpy.typing.NDArray[numpy.uint32],
    starts: numpy.typing.NDArray[numpy.int64],
    multipliers: numpy.typing.NDArray[numpy.uint32],
    increments: numpy.typing.NDArray[numpy.uint32],
    signatures: numpy.typing.NDArray[numpy.uint32],
) -> None:
    """
    As ``minhash`` of the room of texts, with the instruction set of that name.
    """

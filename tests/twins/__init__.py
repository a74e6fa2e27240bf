"""The kernels once more, in plain Python and NumPy: the readable twins of ``dedupe/kernels``.

Slow, and for tests alone. ``python -m twins`` is the command line with the twins in the place of
the kernels; ``compared`` is a kernel that is held to its twin at each call.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import warnings
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

NEAR = 2e-6
"""How far a float may lie from its twin's, of the larger: Python rounds to 64 bits where the
kernel, as NumPy does with arrays, keeps 32, or the other way round."""


def rooms() -> dict[str, ModuleType]:
    """The twins by the names of their rooms."""
    names = (found.name for found in pkgutil.iter_modules(__path__) if found.name != "__main__")
    return {name: importlib.import_module(f"twins.{name}") for name in names}


def kernels() -> Iterator[tuple[ModuleType, ModuleType, str]]:
    """Each function that both a room of the extension module and its twin have: these, the name."""
    whole = importlib.import_module("dedupe.kernels")
    for name, twin in rooms().items():
        room = getattr(whole, name, None)  # spellings have none: the tokeniser alone needs them
        for of_room, value in sorted(vars(room).items()) if room else ():
            if callable(value) and hasattr(twin, of_room):
                yield room, twin, of_room


def install() -> None:
    """Puts the twins in the place of the kernels, for all that is imported from now on.

    Rooms without a twin, such as the reader of lines, stay as they are.
    """
    importlib.import_module("dedupe.kernels")
    for name, twin in rooms().items():
        sys.modules[f"dedupe.kernels.{name}"] = twin


def compared(kernel: Callable[..., Any], twin: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel, which raises AssertionError where its twin returns or fills something else."""

    def call(*arguments: Any) -> Any:
        own = copied(arguments)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # hashes overflow on purpose
            expected = twin(*own)
        found = kernel(*arguments)
        same(found, expected, kernel.__name__)
        for at, (one, other) in enumerate(zip(arguments, own, strict=True)):
            if SCRATCH.get(kernel.__name__) != at:
                same(one, other, f"{kernel.__name__}, argument {at} as it is left")
        return found

    return call


def install_module(path: str) -> None:
    """Puts another build of the extension module in the place of the package's own."""
    loader = ExtensionFileLoader("dedupe.kernels", path)
    spec = spec_from_file_location("dedupe.kernels", path, loader=loader)
    assert spec is not None
    module = sys.modules["dedupe.kernels"] = module_from_spec(spec)
    loader.exec_module(module)


SCRATCH = {"weighed_words": 3, "numbered": 2}
"""Kernels and the place of an argument whose content does not matter, before and after."""


def copied(value: Any) -> Any:
    """Arguments whose arrays may be filled."""
    if isinstance(value, tuple):
        return tuple(map(copied, value))
    return value.copy() if isinstance(value, np.ndarray) else value


def same(found: Any, expected: Any, where: str) -> None:
    """Raises AssertionError where a result of a kernel is not its twin's."""
    if isinstance(expected, tuple | list):
        assert len(found) == len(expected), where
        for at, (one, other) in enumerate(zip(found, expected, strict=True)):
            same(one, other, f"{where} [{at}]")
    elif isinstance(expected, np.ndarray):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape), where
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(found, expected, rtol=NEAR, atol=NEAR, err_msg=where)
        else:
            np.testing.assert_array_equal(found, expected, err_msg=where)
    elif isinstance(expected, float | np.floating):
        assert abs(found - expected) <= NEAR * max(1.0, abs(expected)), where
    else:
        assert found == expected, where

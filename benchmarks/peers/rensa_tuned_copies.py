"""rensa as in ``rensa_copies``, its 5-grams made by the fastest Python that we could find."""

from __future__ import annotations

from functools import partial

from rensa_copies import copies, pairs
from stopwatch import timed
from words import tuned

if __name__ == "__main__":
    timed(partial(copies, shingled=tuned), pairs)

"""datasketch as in ``datasketch_copies``, all its 5-grams in lists at once."""

from __future__ import annotations

from functools import partial

from datasketch_copies import copies, pairs
from stopwatch import timed
from words import listed

if __name__ == "__main__":
    timed(partial(copies, shingled=listed), pairs)

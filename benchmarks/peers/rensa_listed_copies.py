"""rensa as in ``rensa_copies``, all its 5-grams in lists at once, as its bulk call is shown."""

from __future__ import annotations

from functools import partial

from rensa_copies import copies, pairs
from stopwatch import timed
from words import listed

if __name__ == "__main__":
    timed(partial(copies, shingled=listed), pairs)

"""What a user of gaoya runs: ``python gaoya_script.py FILE OUT`` writes each article's copies."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
from gaoya_copies import copies

if __name__ == "__main__":
    _, rows = copies(Path(sys.argv[1]))
    with Path(sys.argv[2]).open("wb") as out:
        for row, near in enumerate(rows):
            found = [[other, likeness] for other, likeness in near if other != row]
            line = {"article": row, "copies": found}
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

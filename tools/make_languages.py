"""Writes dedupe/data/languages.npy: hashes of the commonest words of each language.

Frozen in the package like the tokeniser's table, so that an article's language does not depend on
which version of wordfreq is installed. Run it with a new ``ALGORITHM_VERSION`` only:
python tools/make_languages.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import wordfreq

from dedupe.text import token_hash, tokenize

WORDS = 150


def main() -> None:
    names = sorted(wordfreq.available_languages("small"))
    masks: dict[int, int] = {}
    for bit, name in enumerate(names):
        found: list[int] = []
        for word in wordfreq.get_frequency_dict(name, "small"):
            tokens = tokenize(word)
            if len(tokens) != 1 or word.isdigit():
                continue
            counted = token_hash(tokens[0].stem)
            if counted not in found:
                found.append(counted)
            if len(found) == WORDS:
                break
        for value in found:
            masks[value] = masks.get(value, 0) | 1 << bit
    hashes = sorted(masks)
    target = Path(__file__).parent.parent / "dedupe" / "data" / "languages.npy"
    columns = [
        np.array(names),
        np.array(hashes, np.uint64),
        np.array([masks[h] for h in hashes], np.uint64),
    ]
    with target.open("wb") as file:
        for column in columns:
            np.save(file, column)
    print(
        f"{target.name}: {len(names)} languages, {len(hashes)} words, {target.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()

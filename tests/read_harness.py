"""What the tests of reading share: a file in, articles and rejections out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from dedupe.errors import SourceError
from dedupe.model import Article, Rejection
from dedupe.read import articles_of, read


class Result:
    """Everything that one call of `read` gave."""

    def __init__(self, *sources: str | Path, **options: Any) -> None:
        self.rejections: list[Rejection] = []
        self.batches: list[pa.RecordBatch] = []
        self.refused = ""
        """Why there is nothing, where every record was rejected."""
        self.notes: list[str] = []
        told = {"on_reject": self.rejections.append, "on_note": self.notes.append}
        try:
            self.batches.extend(read(sources, **{**told, **options}))
        except SourceError as error:
            self.refused = str(error)
            if "no article in " not in self.refused:
                raise
        self.articles: list[Article] = [a for batch in self.batches for a in articles_of(batch)]

    @property
    def ids(self) -> list[str]:
        return [a.id for a in self.articles]

    @property
    def texts(self) -> list[str]:
        return [a.text for a in self.articles]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(r.line, r.reason) for r in self.rejections]


def json_lines(*records: Any) -> bytes:
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def article(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"a{n}",
        "title": f"Title {n}",
        "text": f"Text number {n} of the harbour.",
        **more,
    }

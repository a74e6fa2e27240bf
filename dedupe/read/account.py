"""What a run read, in sum: what it found no text or title for, and which fields it took for one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dedupe.read.record import shown_name

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_NAMES = 20
_MOST_TOLD = 5
_MOST_CHOSEN, _CHOSEN_KEPT = 1000, 100
"""Names that are counted, and characters of one: ever new names must not fill the memory."""


@dataclass(slots=True)
class Account:
    """What is told of a run of reading once it is over."""

    articles: int = 0
    without_text: int = 0
    without_title: int = 0
    seen: dict[str, None] = field(default_factory=dict)
    """Names of fields of records without a text, each once, in the order of reading."""
    chosen: Counter[str] = field(default_factory=Counter)
    """Fields that were taken for a text by what they hold, and how often."""
    remark: str = ""
    """Why the latest row is undated though it names a date, or has no more than its day."""

    def count(self, batch: pa.RecordBatch) -> None:
        """Counts the articles of a batch."""
        import numpy as np

        from dedupe.tokens import buffers

        self.articles += len(batch)
        self.without_text += int((np.diff(buffers(batch.column("text")).offsets) == 0).sum())
        self.without_title += int((np.diff(buffers(batch.column("title")).offsets) == 0).sum())

    def saw(self, names: Iterable[str]) -> None:
        """Takes note of the fields of a record without a text."""
        for name in names:
            if len(self.seen) >= _MOST_NAMES:
                break
            self.seen[name] = None

    def chose(self, name: str) -> None:
        """Takes note of a field that was taken for a text by what it holds."""
        name = name[:_CHOSEN_KEPT]
        if name in self.chosen or len(self.chosen) < _MOST_CHOSEN:
            self.chosen[name] += 1

    def sentences(self) -> list[str]:
        """What there is to tell, a sentence each."""
        told = []
        if self.chosen:
            fields = ", ".join(
                f"{shown_name(name)} ({n:,})" for name, n in self.chosen.most_common(_MOST_TOLD)
            )
            told.append(f"text by what fields hold, as no name of them is known: {fields}")
        if self.without_text:
            seen = f"; fields: {', '.join(map(shown_name, self.seen))}" if self.seen else ""
            told.append(
                f"{self._lack(self.without_text)} no text{seen}; --text-key names the field"
            )
        if self.without_title and self.without_title < self.articles:
            # Where most have one, its field is known, and the others have none to name.
            advice = (
                "; --title-key names the field" if 2 * self.without_title > self.articles else ""
            )
            told.append(f"{self._lack(self.without_title)} no title{advice}")
        return told

    def _lack(self, number: int) -> str:
        return f"{number:,} of {self.articles:,} articles {'has' if number == 1 else 'have'}"

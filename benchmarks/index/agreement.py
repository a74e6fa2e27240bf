"""Agreement: what the index says of articles one by one, and the batch of all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.index.job import told
from benchmarks.results import Findings, Table

if TYPE_CHECKING:
    from benchmarks.index.job import Job

MEASURES = ("precision", "recall", "F1")


def copies(job: Job, findings: Findings) -> None:
    """Which articles are copies, over the file in date order."""
    title = "Copies: verdicts one by one in date order, against the batch"
    job.say(title)
    said = told("copies_agree", job.folder / "copies.index", job.file)[0]
    rows = [
        ("articles", f"{said['articles']:,}"),
        ("copies of an earlier article, by the batch", f"{said['copies']:,}"),
        ("articles with the same verdict", share(said["alike"], said["articles"], 3)),
        ("copies that the index does not tell", share(said["missed"], said["copies"])),
        ("told by the index alone", f"{said['extra']:,}"),
        ("pairs in one group of copies, by the batch", f"{said['pairs']:,}"),
        ("of these in one group of the index", share(said["both"], said["pairs"])),
        ("of the index's pairs, in one group of the batch", share(said["both"], said["found"])),
    ]
    findings.tables.append(Table(title, ("figure", "value"), rows))


def stories(job: Job, findings: Findings) -> None:
    """Stories of labelled files, each through an index of its own."""
    if not job.labelled:
        job.say("no labelled file (--labelled): stories are not judged")
        return
    title = "Stories: B-cubed F1 against labels"
    job.say(title)
    rows = []
    for number, file in enumerate(job.labelled):
        said = told("stories_agree", job.folder / f"stories-{number}.index", file)[0]
        of_index, of_batch = said["index"], said["batch"]
        rows.append(
            (
                file.name.partition(".")[0],
                f"{said['articles']:,}",
                f"{said['stories']:,}",
                *(f"{value:.3f}" for value in (*of_index, *of_batch)),
                f"{of_index[2] - of_batch[2]:+.3f}",
            )
        )
    measured = [f"{of}: {what}" for of in ("index", "batch") for what in MEASURES]
    columns = ("file", "articles", "stories", *measured, "F1, index less batch")
    findings.tables.append(Table(title, columns, rows))


def share(part: int, whole: int, digits: int = 2) -> str:
    """A number, and what share of another it is."""
    return f"{part:,} ({part / whole:.{digits}%})" if whole else f"{part:,}"

"""The figures as a table for a terminal of 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evals.quality import Figures

Row = dict[str, Any]


def lines(figures: Figures) -> Iterator[str]:
    """Every part that has figures, one line a row."""
    for part, write in (
        ("stories", _stories),
        ("candidates", _candidates),
        ("pairs", _pairs),
        ("cases", _cases),
    ):
        if figures[part]:
            yield from write(figures[part])
            yield ""


MIXES = {"alone": "alone", "mixed": "with others mixed in", "together": "all sets together"}


def _stories(rows: list[Row]) -> Iterator[str]:
    mixes = [mix for mix in MIXES if any(row["mix"] == mix for row in rows)]
    yield f"{'B-cubed P, R, F1; ARI':36}" + "".join(f"{MIXES[mix]:>26}" for mix in mixes)
    cells = {(row["set"], row["method"], row["mix"]): row for row in rows}
    names = dict.fromkeys(row["set"] for row in rows)
    methods = list(dict.fromkeys(row["method"] for row in rows))
    for method in methods:
        for name in names:
            parts = [_cell(cells.get((name, method, mix))) for mix in mixes]
            yield f"{method:15} {name:20}" + "".join(parts)
        for mix in mixes:
            own = [
                r for r in rows if (r["method"], r["mix"]) == (method, mix) and r["set"] != "all"
            ]
            cells["mean", method, mix] = _mean(own)
        yield f"{method:15} {'mean':20}" + "".join(
            _cell(cells["mean", method, mix]) for mix in mixes
        )
        yield ""


def _mean(rows: list[Row]) -> Row:
    keys = ("precision", "recall", "f1")
    means = {key: sum(row["b_cubed"][key] for row in rows) / max(len(rows), 1) for key in keys}
    rand = sum(row["adjusted_rand"] for row in rows) / max(len(rows), 1)
    return {"b_cubed": means, "adjusted_rand": rand}


def _cell(row: Row | None) -> str:
    if row is None:
        return " " * 26
    b = row["b_cubed"]
    values = (b["precision"], b["recall"], b["f1"], row["adjusted_rand"])
    return "  " + "".join(f" {value:5.3f}" for value in values)


def _candidates(rows: list[Row]) -> Iterator[str]:
    yield (
        f"{'of true pairs':20} {'pairs':>7} {'candidates':>11} {'one story':>10}"
        f"   {'copies':>7} {'met':>6} {'grouped':>8}   {'ECE':>5}"
    )
    for row in rows:
        s, c = row["stories"], row["copies"]
        yield (
            f"{row['set']:20} {s['pairs']:7,} {s['met']:11.3f} {s['grouped']:10.3f}"
            f"   {c['pairs']:7,} {c['met']:6.3f} {c['grouped']:8.3f}"
            f"   {row['calibration_error']:5.3f}"
        )


def _pairs(rows: list[Row]) -> Iterator[str]:
    yield (
        f"{'pairs':20} {'method':20} {'AP':>6} {'best F1':>8} {'at':>6} {'Pearson':>8} {'ECE':>6}"
    )
    for row in rows:
        grade = "" if row["pearson"] is None else f"{row['pearson']:.3f}"
        yield (
            f"{row['set']:20} {row['method']:20} {row['ap']:6.3f} {row['best_f1']:8.3f}"
            f" {row['at']:6.3f} {grade:>8} {row['calibration_error']:6.3f}"
        )
        if row["method"].startswith("dedupe"):
            for label, (low, middle, high) in row["by_label"].items():
                yield f"{'':20} {label:20} from {low:.3f} by {middle:.3f} to {high:.3f}"


def _cases(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        yield from _case(row)


def _case(row: Row) -> Iterator[str]:
    if row["case"] == "fixtures":
        for kind in ("stories", "copies"):
            r = row[kind]
            yield (
                f"fixtures: {r['exact']} of {r['of']} {kind} exactly found, B-cubed F1"
                f" {r['b_cubed']['f1']:.3f}"
            )
        for group in row["stories"]["missed"]:
            yield f"  not so: {', '.join(group)}"
    elif "recall" in row:
        bands = ", ".join(f"{low}: {share:.3f}" for low, share in row["by_jaccard"].items())
        yield f"{row['case']}: {row['recall']:.4f} (from {bands})"
    else:
        verdict = "one story of exactly these" if row["one_story"] else "NOT one story"
        yield f"{row['case']}: {verdict}" + _details(row)


def _details(row: Row) -> str:
    if "largest" not in row:
        return ""
    return (
        f"; {row['others']} others with them; {row['stories']:,} stories, the largest of"
        f" {row['largest']:,}; {row['seconds']:.1f} s"
    )

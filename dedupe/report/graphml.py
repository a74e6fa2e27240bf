"""Articles and what ties them as a graph in GraphML, for Gephi, Cytoscape, NetworkX and igraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

from dedupe.clean import xml_text
from dedupe.json_form import rounded, scores_object

if TYPE_CHECKING:
    from dedupe.model import Place, Placement

NODE = {
    **dict.fromkeys(("id", "headline", "source", "date", "story", "copies", "role"), "string"),
    "extends": "boolean",
    "corrects": "boolean",
    "file": "string",
    "line": "long",
    "row": "long",
}
"""What is told of an article, with its type in GraphML."""
EDGE = {
    "relation": "string",
    **dict.fromkeys(("jaccard", "containment", "cosine", "story", "share"), "double"),
}
"""What is told of a link: from an article to the one that holds it, or that it quotes."""
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""
_LINES_AT_ONCE = 4096


def write_graph(
    placements: Iterable[Placement],
    places: Iterable[Place],
    told: Mapping[str, tuple[str, str, str | None]],
    out: BinaryIO,
) -> None:
    """Writes one node an article and one edge a link, and one more for each quotation.

    ``told`` has headline, source and date (ISO 8601, or None) of each article, by its id. Raises
    OSError as ``out`` does.
    """
    found = list(placements)
    numbers = {placement.id: number for number, placement in enumerate(found)}
    lines = chain(_head(), _nodes(found, places, told), _edges(found, numbers), _tail())
    while chunk := "".join(islice(lines, _LINES_AT_ONCE)):
        out.write(chunk.encode())


def _head() -> Iterator[str]:
    yield _HEAD
    for what, keys in (("node", NODE), ("edge", EDGE)):
        for name, kind in keys.items():
            yield (
                f'<key id="{what[0]}_{name}" for="{what}" attr.name="{name}" attr.type="{kind}"/>\n'
            )
    yield '<graph edgedefault="directed">\n'


def _tail() -> Iterator[str]:
    yield "</graph>\n</graphml>\n"


def _nodes(
    placements: Iterable[Placement],
    places: Iterable[Place],
    told: Mapping[str, tuple[str, str, str | None]],
) -> Iterator[str]:
    for number, (placement, place) in enumerate(zip(placements, places, strict=True)):
        headline, source, date = told[placement.id]
        of_file = {"headline": headline, "source": source, "date": date, **place._asdict()}
        values = {name: of_file.get(name, getattr(placement, name, None)) for name in NODE}
        yield f'<node id="n{number}">{_data("n", values)}</node>\n'


def _edges(placements: Iterable[Placement], numbers: Mapping[str, int]) -> Iterator[str]:
    for number, placement in enumerate(placements):
        if placement.to is not None:
            scores = scores_object(placement.scores) or {}
            yield _edge(number, numbers[placement.to], {"relation": placement.relation, **scores})
        for quote in placement.quotes:
            if quote.id != placement.to:
                values = {"relation": "quotation", "share": rounded(quote.share)}
                yield _edge(number, numbers[quote.id], values)


def _edge(one: int, other: int, values: Mapping[str, Any]) -> str:
    return f'<edge source="n{one}" target="n{other}">{_data("e", values)}</edge>\n'


def _data(what: str, values: Mapping[str, Any]) -> str:
    """The values of an article or a link, without those that are not there."""
    return "".join(
        f'<data key="{what}_{name}">{_value(value)}</data>'
        for name, value in values.items()
        if value is not None and value == value  # noqa: PLR0124 - NaN
    )


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else xml_text(str(value))

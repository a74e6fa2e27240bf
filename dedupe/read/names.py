"""The names that sources give to an article's fields, best first.

Names are compared without case, hyphens, underscores and spaces inside them (`folded`), so
``date_published``, ``datePublished`` and ``Date Published`` are one name. The order within a
column matters where a record has several: the whole body before its summary, the time of
publication before that of a change. Times of download are left out, as they date the crawl.
"""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"(?<=.)[-_\s.]+")


def folded(name: str) -> str:
    """A field name as it is compared."""
    return _SEPARATORS.sub("", name.strip().lstrip("\ufeff")).lower()


def _in_order(names: str) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(names.split())}


NAMES: dict[str, dict[str, int]] = {
    "id": _in_order(
        "id guid uri _id @id identifier uuid articleid docid documentid storyid newsid itemid"
    ),
    "title": _in_order(
        "title headline headlines articletitle pagetitle titlepage titlerss heading"
        " alternativeheadline name"
    ),
    # maintext: news-please; articlebody: schema.org; bodies: ninjs 3; plaintext: Fundus;
    # contenttext, contenthtml: JSON Feed; bodyhtml: Superdesk; bodyxhtml: ninjs 1.
    "text": _in_order(
        "text maintext articlebody plaintext body bodytext content contenttext bodies"
        " bodyhtml bodyxhtml contenthtml articletext fulltext article document rawtext"
        " html summary abstract description"
    ),
    "date": _in_order(
        "datepublished datepublish published publishedparsed publishedat publisheddate"
        " publishdate publishingdate pubdate publicationdate dategmt date versioncreated"
        " firstcreated contentcreated datetime timestamp time datecreated createdat created"
        " datemodified datemodify modified updatedparsed updated updatedat"
    ),
    "source": _in_order(
        "sourcehostname source sourcename publisher sourceorganization sourcedomain sitename"
        " metasitename infosource infosources originalsource outlet publication newspaper"
        " provider domain hostname site"
    ),
    "url": _in_order(
        "url link canonicallink canonicalurl articleurl weburl permalink href"
        " mainentityofpage source externalurl @id"
    ),
    "lang": _in_order("lang language inlanguage metalang languagecode langcode locale"),
}
"""Column -> folded name -> rank, 0 the best."""

WRAPPERS = frozenset({"metadata", "meta"})
"""Objects whose fields count as the record's own, where it has none of that name (datatrove)."""

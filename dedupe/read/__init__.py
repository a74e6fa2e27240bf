"""Reads news articles out of files, folders, addresses and standard input into Arrow batches.

A module for each kind of file yields records as the source has them, `fields` finds the article
in a record by its shape, and `articles` composes them into batches.
"""

from __future__ import annotations

from dedupe.read.articles import read
from dedupe.read.batch import article_schema, articles_of, batches_of
from dedupe.read.fields import FieldKeys
from dedupe.read.formats import FORMATS
from dedupe.read.frames import article_from, articles_from, batches_from, record_batches, table_from

__all__ = [
    "FORMATS",
    "FieldKeys",
    "article_from",
    "article_schema",
    "articles_from",
    "articles_of",
    "batches_from",
    "batches_of",
    "read",
    "record_batches",
    "table_from",
]

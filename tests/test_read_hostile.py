"""Bytes that no writer meant: whatever a file holds, reading ends in articles or plain words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from read_harness import Result, written

from dedupe.errors import SourceError
from dedupe.read import FORMATS

SEEDS = [
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd\x00",
    b"PAR1PAR1",
    b"\xff\xfe",
    b"\xff\xfe\x00\x00\x01",
    b"<?xml version='1.0' encoding='nonsense'?><rss><item><title>&#0;</title></item></rss>",
    b"<html><meta charset=nonsense><body><p>\xe9</p></body></html>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]><feed>&a;</feed>",
    b'a,"b\n"',
    b"[[[[",
    b"\0\0\0",
]


@pytest.mark.parametrize("form", FORMATS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    head=st.sampled_from([b"", *SEEDS, b"id,text\n", b"<html><body><p>", b"<rss><channel><item>"]),
    rest=st.binary(max_size=80) | st.text(max_size=40).map(str.encode),
)
@example(head=SEEDS[5], rest=b"")
@example(head=SEEDS[6], rest=b"")
@example(head=SEEDS[7], rest=b"")
def test_no_bytes_end_in_anything_but_articles_rejections_or_a_source_error(
    tmp_path: Path, form: str, head: bytes, rest: bytes
) -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("feedparser")
    pytest.importorskip("zstandard")
    path = written(tmp_path, "a.data", head + rest)
    result = refused = None
    try:
        result = Result(path, format=form)
    except SourceError as error:
        refused = str(error)
    if result is None:
        assert refused.startswith(str(path))
        assert "\n" not in refused
        return
    assert len(set(result.ids)) == len(result.ids)
    assert all(rejection.reason for rejection in result.rejections)

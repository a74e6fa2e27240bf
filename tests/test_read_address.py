"""Addresses: what is one, and what of it is shown."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from read_harness import Result, article, json_lines

from dedupe.errors import SourceError
from dedupe.read.address import (
    file_name,
    is_open,
    local_path,
    public_address,
    scheme_of,
    shown_address,
    shown_within,
)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("https://h.example/a", "https"),
        ("S3://bucket/a", "s3"),
        ("memory://a", "memory"),
        ("a/b.jsonl", ""),
        ("-", ""),
        ("c://x", ""),  # a drive
        (r"C:\news\a.jsonl", ""),
        ("sqlite:news.index", ""),
        ("./https://h.example/a", ""),
        ("1s://a", ""),
    ],
)
def test_what_is_an_address(name, scheme) -> None:
    assert scheme_of(name) == scheme


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("news/a?b=c@d.jsonl", "news/a?b=c@d.jsonl"),
        ("https://h.example", "https://h.example"),
        ("https://h.example/a.xml?page=2&format=rss", "https://h.example/a.xml?page=2&format=rss"),
        ("https://h.example/a?q=climate+change", "https://h.example/a?q=climate+change"),
        ("https://h.example/a?keywords=rail", "https://h.example/a?keywords=rail"),
        ("https://me:geheim@h.example/a", "https://h.example/a"),
        ("https://geheim@h.example:8443/a", "https://h.example:8443/a"),
        ("https://me:ge@heim@h.example/a", "https://h.example/a"),
        ("https://me:ge/heim@h.example/a", "https://h.example/a"),
        ("https://h.example/@me/feed", "https://h.example/@me/feed"),
        ("https://[::1]:80/a", "https://[::1]:80/a"),
        ("https://h.example/a#geheim", "https://h.example/a"),
        ("https://h.example/a?apiKey=geheim", "https://h.example/a?apiKey=…"),
        ("https://h.example/a?x=1&access_token=geheim", "https://h.example/a?x=1&access_token=…"),
        ("https://h.example/a?%74oken=geheim", "https://h.example/a?%74oken=…"),
        ("https://h.example/a?X-Amz-Signature=geheim", "https://h.example/a?X-Amz-Signature=…"),
        ("https://h.example/a?x=4f9d2c71aa0be8813377", "https://h.example/a?x=…"),
        ("https://h.example/a?4f9d2c71aa0be8813377", "https://h.example/a?…"),
        ("https://h.example/a?token=", "https://h.example/a?token="),
        ("https://h.example?token=geheim", "https://h.example?token=…"),
        ("s3://bucket/a?b#c.jsonl", "s3://bucket/a?b#c.jsonl"),
        ("sftp://me:geheim@h.example/a", "sftp://h.example/a"),
    ],
)
def test_what_of_a_name_is_shown(name, shown) -> None:
    assert shown_address(name) == shown
    assert is_open(name) is (name.partition("#")[0] == shown)


@given(st.text("abz019:/@?&=#.[]% \n", max_size=40))
@example(":=/:=")
def test_any_address_has_a_name_that_is_shown_and_a_file(rest: str) -> None:
    for scheme in ("https", "s3"):
        name = shown_address(f"{scheme}://{rest}")
        assert name.startswith(f"{scheme}://")
        assert shown_address(name) == name
        assert "/" not in file_name(f"{scheme}://{rest}")


@given(st.text("abz019!~", min_size=1), st.sampled_from(["/a", "", "/a?b=1", ":80/x"]))
def test_a_password_is_never_shown(password: str, rest: str) -> None:
    secret = f"Q{password}Q"
    assert secret not in shown_address(f"https://me:{secret}@h.example{rest}")
    assert secret not in shown_within(f"could not get https://{secret}@h.example{rest}: 403")
    assert secret not in public_address(f"https://h.example/a?page=1&token={secret}&b=2")


def test_an_articles_address_has_no_gaps() -> None:
    assert (
        public_address("https://me:x@h.example/a?p=1&token=x&q=2") == "https://h.example/a?p=1&q=2"
    )
    assert public_address("https://h.example/a?token=x") == "https://h.example/a"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://h.example/a/b.csv.gz?x=/c.json#d.xml", "b.csv.gz"),
        ("https://h.example", ""),
        ("https://news.example.xml", ""),
        ("https://h.example/caf%C3%A9.jsonl", "café.jsonl"),
        ("s3://bucket/a?.jsonl", "a?.jsonl"),
    ],
)
def test_the_name_whose_ending_tells_the_format(url, name) -> None:
    assert file_name(url) == name


def test_the_address_of_a_file_on_this_machine_is_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a b.jsonl"
    path.write_bytes(json_lines(article(1)))
    assert local_path(path.as_uri()) == str(path)
    assert Result(path.as_uri(), path).ids == ["a1"]
    assert local_path("file://elsewhere/a") == "file://elsewhere/a"


def test_an_address_that_became_a_path_is_told() -> None:
    with pytest.raises(SourceError, match="no such file or folder; give an address as a string"):
        Result(PurePosixPath("https://h.example/a"))


def test_two_addresses_that_are_shown_alike_are_told_apart() -> None:
    from dedupe.read.source import expand

    found = expand([f"https://h.example/a?token={n}" for n in "121"])
    assert [one.name for one in found] == [
        "https://h.example/a?token=…",
        "https://h.example/a?token=… (2)",
    ]
    assert "token=1" not in repr(found)

"""Plain text files and HTML pages: one article each, the path its id."""

from __future__ import annotations

from pathlib import Path

import pytest
from read_harness import Result, written

from dedupe.errors import SourceError
from dedupe.read.files import front_matter, split_title

BODY = "The harbour opened again on Monday after the storm, the mayor said.\n\nShips came back.\n"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Harbour opens again\n\n" + BODY, "Harbour opens again"),
        ("Harbour opens again\n" + BODY, "Harbour opens again"),
        ("\n\n  Harbour opens again  \n\n\n" + BODY, "Harbour opens again"),
        ("Will the harbour open?\n" + BODY, "Will the harbour open?"),
        ("“We open,” says mayor\n" + BODY, "“We open,” says mayor"),
        ("港口重新开放\n\n港口周一开放。\n", "港口重新开放"),
        (BODY, ""),
        ("Harbour opens again", ""),
        ("Harbour opens again\n\n  \n", ""),
        ("The harbour opened.\n" + BODY, ""),
        ("The mayor said “it is open.”\n" + BODY, ""),
        ("Ships, cranes, sheds:\n" + BODY, ""),
        ("港口周一开放。\n港口。\n", ""),
        ("The harbour, which had been closed for\nweeks, opened on Monday.\n", ""),
        ("word " * 50 + "\n" + BODY, ""),
        ("", ""),
    ],
)
def test_the_first_line_is_the_title_where_it_looks_like_one(text: str, title: str) -> None:
    found, body = split_title(text)
    assert found == title
    assert body == (text.lstrip().partition("\n")[2].lstrip("\n") if title else text)


FRONT = """---
title: "Harbour opens again"
date: 2025-09-03T18:40:00+02:00
draft: false
tags: [harbour, storm]
source: 'Harbour News'
url: https://h.example/1
summary: >
  Some lines
  of it.
categories:
  - news
---
"""


@pytest.mark.parametrize("name", ["a.md", "a.markdown", "a.txt"])
def test_front_matter_says_what_is_known_of_the_article(tmp_path: Path, name: str) -> None:
    text = FRONT + "\nThe **harbour** opened [again](https://h.example/2) on Monday.\n"
    (one,) = Result(written(tmp_path, name, text)).articles
    assert (one.id, one.title, one.source) == (name, "Harbour opens again", "Harbour News")
    assert (one.url, str(one.date)) == ("https://h.example/1", "2025-09-03 16:40:00+00:00")
    assert one.text == "The harbour opened again on Monday."


@pytest.mark.parametrize(
    "text",
    [
        "---\nThe harbour opened.\n---\nShips came back.",
        "---\ntitle: Harbour\nIt never ends.",
        "---\n" + "a: b\n" * 500 + "---\nToo long for a front.",
        "The harbour opened.\n---\ntitle: no front\n---\n",
    ],
)
def test_what_is_no_front_matter_is_text(tmp_path: Path, text: str) -> None:
    assert front_matter(text) == ({}, text)


def test_a_heading_of_markdown_is_the_title(tmp_path: Path) -> None:
    (one,) = Result(written(tmp_path, "a.md", f"# Harbour opens\n\n{BODY}")).articles
    assert (one.title, one.text) == ("Harbour opens", BODY.rstrip())


def test_the_way_from_the_named_folder_is_the_id(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.TXT", ".hidden.txt", ".git/d.txt"):
        written(tmp_path, name, f"Title\n\nText of {name}.")
    assert Result(tmp_path).ids == ["a/b/c.TXT", "a/z.txt", "b.txt"]
    assert Result(tmp_path / "a" / "z.txt").ids == ["z.txt"]


def test_files_of_the_same_name_in_several_folders_all_stay(tmp_path: Path) -> None:
    paths = [written(tmp_path, f"{folder}/1.txt", f"Text {folder}.") for folder in "abc"]
    result = Result(*(path.parent for path in paths))
    assert result.ids == ["1.txt", str(paths[1]), str(paths[2])]
    assert not result.rejections


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    text = "Мэр города открыл новую гавань и поблагодарил строителей за их труд. " * 5
    (read,) = Result(written(tmp_path, "a.txt", ("Гавань\n\n" + text).encode(encoding))).articles
    assert (read.title, read.text) == ("Гавань", text)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_found_without_its_mark(tmp_path: Path, encoding: str) -> None:
    assert Result(written(tmp_path, "a.txt", BODY.encode(encoding))).texts == [BODY]


def test_a_nul_in_a_text_becomes_a_space(tmp_path: Path) -> None:
    assert Result(written(tmp_path, "a.txt", BODY[:11] + "\0" + BODY[12:])).texts == [BODY]


def test_one_spoilt_byte_does_not_change_the_encoding_of_the_others(tmp_path: Path) -> None:
    data = ("Die Küche brennt für längere Zeit. " * 20).encode() + b"\xff\n"
    (read,) = Result(written(tmp_path, "a.txt", data)).articles
    assert read.text.startswith("Die Küche brennt für längere")
    assert read.text.count("\ufffd") == 1


def test_old_line_ends_become_new_ones(tmp_path: Path) -> None:
    (read,) = Result(written(tmp_path, "a.txt", "Title\r\n\r\nOne.\r\nTwo.\r\n")).articles
    assert (read.title, read.text) == ("Title", "One.\nTwo.\n")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 64
    named = written(tmp_path, "noise.txt", noise)
    written(tmp_path, "a.txt", "Fine.")
    with pytest.raises(SourceError, match=r"noise\.txt: no text in any known encoding"):
        Result(named)
    result = Result(tmp_path)
    assert result.texts == ["Fine."]
    assert result.reasons == [(0, "no text in any known encoding; convert it to UTF-8")]


PAGE = """<!DOCTYPE html>
<html lang="de-AT"><head><title>Hafen öffnet wieder | Hafenblatt</title>
<meta property="og:title" content="Hafen öffnet wieder">
<meta property="og:site_name" content="Hafenblatt">
<meta property="article:published_time" content="2025-05-04T10:00:00Z">
<link rel="canonical" href="https://hafen.example/oeffnet">
{charset}
<style>.x {{ color: red }}</style></head>
<body><nav><a href="/">Start</a> <a href="/abo">Abo bestellen</a></nav>
<article><h1>Hafen öffnet wieder</h1>
<p>Der Hafen ist am Montag nach dem schweren Sturm wieder geöffnet worden, sagte der
Bürgermeister vor der Presse im Rathaus.</p>
<p>Die ersten Schiffe liefen am frühen Morgen ein, und die Kräne arbeiten seither
ohne Unterbrechung an den beiden großen Kais.</p></article>
<footer>Alle Rechte vorbehalten</footer><script>track()</script></body></html>
"""


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [("utf-8", ""), ("utf-16", ""), ("cp1252", '<meta charset="windows-1252">')],
)
def test_a_page_gives_its_article_without_its_furniture(
    tmp_path: Path, encoding: str, charset: str
) -> None:
    pytest.importorskip("trafilatura")
    data = PAGE.format(charset=charset).encode(encoding)
    (read,) = Result(written(tmp_path, "a.html", data)).articles
    assert "Die ersten Schiffe liefen am frühen Morgen ein" in read.text
    assert "Abo bestellen" not in read.text
    assert "track" not in read.text
    assert (read.id, read.title, read.source) == ("a.html", "Hafen öffnet wieder", "Hafenblatt")
    assert (read.url, read.lang) == ("https://hafen.example/oeffnet", "de")
    assert read.date is not None
    assert read.date.date().isoformat() == "2025-05-04"


@pytest.mark.parametrize(
    "page", ["<html><body></body></html>", "<p", "no markup", "<!DOCTYPE html>"]
)
def test_a_page_without_an_article_is_rejected(
    tmp_path: Path, page: str, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("trafilatura")
    result = Result(written(tmp_path, "a.html", page))
    assert len(result.articles) + len(result.rejections) == 1
    assert capfd.readouterr().err == ""

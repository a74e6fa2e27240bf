"""Mailboxes, messages, and the items of digests."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from read_harness import Result, written

from dedupe.read import mail

TEN = datetime(2025, 5, 4, 10, tzinfo=UTC)
WORDS = "A crane fell into the harbour on Friday morning, and nobody was hurt by it at all."


def letter(n: int, text: str = WORDS, html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Harbour News <letters@h.example>"
    message["Subject"] = f"Title {n}"
    message["Date"] = "Sun, 04 May 2025 10:00:00 +0000"
    message["Message-ID"] = f"<{n}@h.example>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def boxed(*messages: EmailMessage) -> bytes:
    start = b"From letters@h.example Sun May  4 10:00:00 2025\n"
    return b"".join(start + bytes(m).replace(b"\nFrom ", b"\n>From ") + b"\n" for m in messages)


@pytest.mark.parametrize("name", ["a.mbox", "a.unknown"])
def test_each_message_of_a_mailbox_is_an_article(tmp_path: Path, name: str) -> None:
    data = boxed(letter(1), letter(2, "Fog.\n\nFrom noon on it was clear."), letter(3))
    result = Result(written(tmp_path, name, data))
    first, second, _ = result.articles
    assert (first.id, first.title, first.text) == ("1@h.example", "Title 1", WORDS)
    assert (first.source, first.date) == ("Harbour News", TEN)
    assert second.text == "Fog.\n\nFrom noon on it was clear."


@pytest.mark.parametrize("name", ["a.eml", "a.unknown"])
def test_a_message_alone_is_an_article(tmp_path: Path, name: str) -> None:
    assert Result(written(tmp_path, name, bytes(letter(1)))).texts == [WORDS]


def test_the_html_of_a_letter_is_read_where_it_says_more(tmp_path: Path) -> None:
    html = f"<html><body><p>{WORDS}</p><p>{WORDS[::-1]}</p></body></html>"
    assert Result(written(tmp_path, "a.eml", bytes(letter(1, "See it online.", html)))).texts == [
        f"{WORDS}\n\n{WORDS[::-1]}"
    ]
    assert Result(written(tmp_path, "b.eml", bytes(letter(1, html=f"<p>{WORDS}</p>")))).texts == [
        WORDS
    ]


def test_words_of_headers_and_texts_in_any_charset_are_read(tmp_path: Path) -> None:
    data = (
        b"Subject: =?utf-8?B?0JzQvtGB0YI=?=\nFrom: h@h.example\nMIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=nonsense\n\nCr\xc3\xa8me.\n-- \nsigned\n"
    )
    (read,) = Result(written(tmp_path, "a.eml", data)).articles
    assert (read.title, read.text, read.source) == ("Мост", "Crème.", "h.example")


def test_attachments_are_no_text(tmp_path: Path) -> None:
    message = letter(1)
    message.add_attachment("A report of many words.", filename="report.txt")
    assert Result(written(tmp_path, "a.eml", bytes(message))).texts == [WORDS]


def test_a_digest_of_mime_is_its_messages(tmp_path: Path) -> None:
    digest = EmailMessage()
    digest["From"], digest["Subject"] = "list@h.example", "Digest"
    digest["Content-Type"] = "multipart/digest"
    for n in (1, 2):
        part = EmailMessage()
        part["Content-Type"] = "message/rfc822"
        part.set_payload([letter(n)])
        digest.attach(part)
    assert Result(written(tmp_path, "a.eml", bytes(digest))).ids == ["1@h.example", "2@h.example"]


def test_a_newsletter_with_headings_falls_into_its_items(tmp_path: Path) -> None:
    items = "".join(
        f'<h2><a href="https://h.example/{n}">Story {n}</a></h2><p>{n}. {WORDS}</p>'
        for n in range(4)
    )
    html = f"<html><body><h1>The week</h1>{items}<h2>Follow us</h2><p>Here.</p></body></html>"
    result = Result(written(tmp_path, "a.eml", bytes(letter(1, "Online.", html))))
    assert [a.title for a in result.articles] == [f"Story {n}" for n in range(4)]
    assert result.articles[2].text == f"2. {WORDS}"
    assert {a.url for a in result.articles} == {f"https://h.example/{n}" for n in range(4)}
    assert {(a.source, a.date) for a in result.articles} == {("Harbour News", TEN)}


def test_a_newsletter_of_plain_text_falls_into_its_items(tmp_path: Path) -> None:
    rule = "\n----------------------\n"
    text = rule.join(f"Story {n}\n{n}. {WORDS}\nhttps://h.example/{n}" for n in range(3))
    result = Result(written(tmp_path, "a.eml", bytes(letter(1, text))))
    assert [(a.title, a.url) for a in result.articles] == [
        (f"Story {n}", f"https://h.example/{n}") for n in range(3)
    ]
    topics = rule.join(f"Date: x\nFrom: a@b\nSubject: Topic {n}\n\n{n}. {WORDS}" for n in range(3))
    result = Result(written(tmp_path, "b.eml", bytes(letter(1, f"Digest\n{rule}{topics}"))))
    assert [a.title for a in result.articles] == ["Topic 0", "Topic 1", "Topic 2"]


def test_a_letter_with_two_headings_or_short_parts_is_one(tmp_path: Path) -> None:
    two = "".join(f"<h2>Part {n}</h2><p>{WORDS}</p>" for n in range(2))
    short = "".join(f"<h2>Part {n}</h2><p>Few words.</p>" for n in range(9))
    for html in (two, short):
        assert len(Result(written(tmp_path, "a.eml", bytes(letter(1, "x", html)))).articles) == 1


def test_a_message_beyond_the_limit_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MESSAGE_LIMIT", 2000)
    data = boxed(letter(1), letter(2, "x y " * 2000), letter(3))
    result = Result(written(tmp_path, "a.mbox", data))
    assert result.ids == ["1@h.example", "3@h.example"]
    assert [line for line, _ in result.reasons] == [2]

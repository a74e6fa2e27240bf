"""Markdown in a field: its words without its marks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.read.markup import plain_text

TEXT = """# Crane falls

A [crane](https://h.example/a_(b) "Title") **fell** in the _old_ harbour, `quietly`.

> No one was hurt.

- one
- two

![a picture](i.png "t")

[The port][1] is shut. Last \\*word\\*.

```
code
```

[1]: https://h.example/x
"""


def test_links_images_headings_and_emphasis_lose_their_marks() -> None:
    assert plain_text(TEXT) == (
        "Crane falls\n\nA crane fell in the old harbour, `quietly`.\n\nNo one was hurt.\n\n"
        "- one\n- two\n\nThe port is shut. Last *word*.\n\ncode"
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("See [Pike](https://p.example/tag/Pike Lake) now.", "See Pike now."),
        ("See [Pike](/tag/pike#x) and [a [b] c](pike.html).", "See Pike and a [b] c."),
        ("[![x](i.png)](https://p.example) Text.", "Text."),
        ("It was **_both_** in [one](https://p.example).", "It was both in one."),
        ("# Head\n\nOne <br> [x](http://p.example) two.", "Head\n\nOne\nx two."),
        ("They agreed at last. [Read more](https://p.example)", "They agreed at last."),
    ],
)
def test_links_leave_their_words(text: str, wanted: str) -> None:
    assert plain_text(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "He [sic](as he said) and [1] (see) a_b_c, foo_bar, __init__, 2*3*4.",
        "It was _not_ so, said @_jo_ and f***.",
        "#tag and # 5 and [a]: b",
        "* one * two\n---\n> three",
    ],
)
def test_plain_text_with_brackets_and_stars_is_left_as_read(text: str) -> None:
    assert plain_text(text) == text


@given(st.text(alphabet=st.sampled_from("[]()!*_#>`\\ \na./:")))
def test_no_marks_are_an_error(text: str) -> None:
    assert isinstance(plain_text("# a [b](http://c.d)\n" + text), str)


HOSTILE = [
    "[" * 2_000_000, "[a](/" * 400_000, "[](." * 500_000, "](" * 1_000_000, " *a" * 600_000,
    " _a" * 600_000, "[a](" + "." * 500_000, "[[a]" * 500_000, "[a][" * 500_000,
    "[a]: /\n" * 250_000, "> " * 1_000_000, "\n# " * 600_000, " " * 2_000_000,
]  # fmt: skip


@pytest.mark.timed
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_marks_take_time_in_proportion_to_their_length(text: str) -> None:
    began = time.process_time()
    plain_text("# a\n\n[b](http://c.d)\n\n[b]: http://c.d\n\n" + text)
    assert time.process_time() - began < 8

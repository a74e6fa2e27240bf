"""HTML inside a field: recognised by its shape, and the text that its reader would see.

A field holds a fragment, often broken, cut short or escaped twice, where an extractor for whole
pages would throw paragraphs away. So all text is kept but what no reader sees, and every step
takes time in proportion to the length, whatever the markup: no pattern looks beyond the next
``<``, or further than a fixed number of characters.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from html import unescape

_ELEMENTS = {
    "\n\n": "address article aside blockquote body center details dialog dir div dl fieldset"
    " figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend"
    " main menu nav ol p pre search section summary table tbody tfoot thead title ul",
    "\n": "br caption dd dt li optgroup option tr",
    " ": "area audio button canvas embed iframe input object select td textarea th video",
    "": "a abbr acronym applet b base basefont bdi bdo big blink cite code col colgroup data"
    " datalist del dfn em font frame i img ins kbd label link map mark marquee math meta meter"
    " nobr noframes noscript output param picture progress q rp rt ruby s samp script slot small"
    " source span strike strong style sub sup svg template time track tt u var wbr",
}
_BREAKS = {name: parted for parted, names in _ELEMENTS.items() for name in names.split()}
"""Every element of HTML, living or not, and what parts its text from that before it."""

_UNSEEN = "audio button canvas datalist head iframe nav noscript object select svg template video"
_UNSEEN_ON_PAGES = f"{_UNSEEN} footer"
"""Elements without a word of the article. A fragment's footer names whom it quotes."""

_NAMES = "|".join(_BREAKS)
_TAG = re.compile(
    r"<(/?)([A-Za-z][^\s/<>\"'=]*)(?:(?:[^<>\"']++|\"[^<\"]*+\"|'[^<']*+')*+>"
    # Markup inside of quotes. Else a quote is lost, and the tag ends before the next one.
    r"|[^<>\"']*+(?:\"[^\"]{0,2000}+\"(?=[\s/>])[^<>\"']{0,400}+"
    r"|'[^']{0,2000}+'(?=[\s/>])[^<>\"']{0,400}+){1,12}+>"
    r"|[^<>]*+>)"
)
_CUT_TAG = re.compile(rf"<(?:/|!--|(?:{_NAMES})\s+[^<>=]*=)[^<>]*\Z", re.IGNORECASE)
_OWN_ELEMENT = re.compile(r"[a-z][a-z0-9]*(?:[:-][a-z0-9_.]+)+")
_END_TAGS = re.compile(r"</([A-Za-z][^\s/<>]*)\s*>")

_SURE = re.compile(
    r"<(?:/([A-Za-z][A-Za-z0-9]*)\s{0,9}>|([A-Za-z][A-Za-z0-9]*)(?:\s?/>"
    r"|\s{1,9}[\w:@.-]{1,60}\s?=\s?[\"'\w/#])|br>|!--|!\[CDATA\[|!(?:doctype|DOCTYPE)\s)"
)
"""What stands in no text but markup, if the element, where one is named, is known."""
_OPENING = re.compile(r"<(?:p|li|hr|br|div|dt|dd|td|th|tr|ul|ol|h[1-6]|blockquote)>", re.IGNORECASE)
"""Tags that may stand without attribute and end. In capitals they may be stock tickers, too."""
_RECOGNISED_WITHIN = 1 << 17
"""Characters among which the first markup must stand."""
_BEFORE_OPENING = "\n>.!?…:;\"'”’»)]。！？"

_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LOOSE_REFERENCE = re.compile(f"{_REFERENCE.pattern}?")
"""In markup the semicolon may be missing. Never more digits than Python makes a number of."""

_HIDDEN = re.compile(r"<(?:(!--)|!\[CDATA\[|[!?][A-Za-z]|(script|style)\b)|\]\]>", re.IGNORECASE)
_ENDS = {
    "!--": re.compile(r"--!?>"),
    "script": re.compile(r"</script\b[^<>]*>", re.IGNORECASE),
    "style": re.compile(r"</style\b[^<>]*>", re.IGNORECASE),
    "": re.compile(r"[^<>]*>"),
}

_PAGE = re.compile(r"<(?:!doctype|html|body|main)\b", re.IGNORECASE)
_PREFORMATTED = re.compile(r"<pre\b.*?</pre\b", re.IGNORECASE | re.DOTALL)
_BLOCKS = frozenset(name for name, parted in _BREAKS.items() if parted in {"\n", "\n\n"})
_START_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]*)")
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_EDGES = re.compile(r" ?\n ?")
_SINGLE_BREAK = re.compile(r"(?<!\n)\n(?!\n)")
_GAPS = re.compile(r"\n{3,}")

LINK, LINK_END = "\x02", "\x03"
"""Put around the words of links until it is known which of them are only signposts."""
_NO_LINKS = {ord(LINK): None, ord(LINK_END): None}
_LAST_LINK = re.compile(
    rf"{LINK}([^{LINK}{LINK_END}\n]{{1,80}}){LINK_END}[ )\]»>→]{{0,9}}$", re.MULTILINE
)
_SIGNPOST_WORDS = 4
_ENDS_SENTENCE = frozenset(".!?…。！？।۔؟")
_SHORT_FORM = re.compile(r"(?<!\w)[A-Z]\w{0,2}\.$")
"""``Dr.`` or an initial: what follows is still the sentence."""
_CLOSING = "\"'”’»)]）」』 \n"
_WORD = re.compile(r"\w+")


def is_html(text: str) -> bool:
    """Whether a text holds markup, rather than a ``<`` between numbers, addresses or code.

    An end tag or an attribute of a known element tells it, and so does a comment; a bare ``<p>``
    only where a paragraph may begin, and in capitals twice: there it may be a stock ticker.
    """
    openings = 0
    at = text.find("<", 0, _RECOGNISED_WITHIN)
    while at >= 0:
        if (sure := _SURE.match(text, at)) and (sure[1] or sure[2] or "p").lower() in _BREAKS:
            return True
        opening = _OPENING.match(text, at)
        if opening and _may_begin(text, at):
            openings += 1
            if openings == 2 or opening[0].islower():
                return True
        at = text.find("<", at + 1, _RECOGNISED_WITHIN)
    return False


def _may_begin(text: str, at: int) -> bool:
    """Whether a paragraph may begin at this place, after a sentence, a line or a tag."""
    before = text[max(0, at - 9) : at].rstrip(" \t")
    return not before or before[-1] in _BEFORE_OPENING


def html_text(html: str) -> str:
    """The text of HTML: blocks apart by an empty line, ``br`` and list items by a break.

    Scripts, styles, comments, menus and link addresses are left out, and links that only say
    where to read on; character references are resolved. Never raises.
    """
    text = _spaced(_without_unseen(_without_hidden(html)))
    return laid_out(_LOOSE_REFERENCE.sub(_character, _without_tags(text)))


def resolved(text: str) -> str:
    """The text with its character references resolved: those that end in a semicolon."""
    at = text.find("&")
    while at >= 0 and not _REFERENCE.match(text, at):
        at = text.find("&", at + 1)
    return text if at < 0 else text[:at] + _REFERENCE.sub(_character, text[at:])


def _character(reference: re.Match[str]) -> str:
    return unescape(reference[0])


def laid_out(text: str) -> str:
    """Text with links marked, once its markup is gone: without signposts and surplus space."""
    if LINK in text:
        text = _without_signposts(text.replace(LINK_END + LINK, f"{LINK_END} {LINK}"))
    text = _EDGES.sub("\n", _SPACES.sub(" ", text))
    return _GAPS.sub("\n\n", text).strip()


def _without_hidden(html: str) -> str:
    """Without comments, declarations, scripts, styles, and the marks around CDATA.

    Where one is opened and never ended, only its opening goes, as the rest may be the article.
    """
    kept, start, unending = [], 0, set[str]()
    while found := _HIDDEN.search(html, start):
        kept.append(html[start : found.start()])
        start = found.end()
        marks = found[0].upper() in {"]]>", "<![CDATA["}
        kind = (found[1] or found[2] or "").lower()
        if marks or kind in unending:
            continue
        end = _ENDS[kind].search(html, start) if kind else _ENDS[kind].match(html, start)
        if end:
            start = end.end()
        elif kind:
            unending.add(kind)
    kept.append(html[start:])
    return "".join(kept)


def _without_unseen(html: str) -> str:
    """Without elements that hold no word of the article. What is never closed is left."""
    names = _UNSEEN_ON_PAGES if _PAGE.search(html, 0, 4096) else _UNSEEN
    tags = re.compile(rf"<(/?)({names.replace(' ', '|')})\b", re.IGNORECASE)
    opened, closed = defaultdict[str, list[int]](list), dict[int, int]()
    for tag in tags.finditer(html):
        name = tag[2].lower()
        if not tag[1]:
            opened[name].append(tag.start())
        elif opened[name]:
            closed[opened[name].pop()] = tag.start()
    kept, start = [], 0
    for begin in sorted(closed):
        if begin >= start:
            kept.append(html[start:begin])
            start = closed[begin]
    return " ".join([*kept, html[start:]])


def _spaced(html: str) -> str:
    """White space as HTML reads it, but an empty line is a break, and so are all without blocks.

    Editors write paragraphs apart by empty lines around inline markup, and leave the rest to
    whoever shows it.
    """
    preformatted, end, rest = html.rpartition("</pre")
    if end:
        lines = _PREFORMATTED.sub(lambda found: found[0].replace("\n", "<br>"), preformatted + end)
        html = lines + rest
    html = _EDGES.sub("\n", _SPACES.sub(" ", html))
    blocks = any(tag[1].lower() in _BLOCKS for tag in _START_TAG.finditer(html))
    return _SINGLE_BREAK.sub(" ", html) if blocks else html


def _without_tags(html: str) -> str:
    """Breaks in the place of tags, links marked. A name that is no element's stays if unclosed."""
    last = html.rfind("<")
    if last >= 0 and _CUT_TAG.match(html, last):
        html = html[:last]
    ended: set[str] | None = None

    def replaced(tag: re.Match[str]) -> str:
        nonlocal ended
        name = tag[2].lower()
        if name == "a":
            return LINK_END if tag[1] else LINK
        text = _BREAKS.get(name)
        if text is not None:
            return "" if tag[1] and text == "\n" else text
        if ended is None:
            ended = set(_END_TAGS.findall(html))
        known = tag[2] in ended or tag[0].endswith("/>") or "=" in tag[0]
        return " " if known or _OWN_ELEMENT.fullmatch(tag[2]) else tag[0]

    return _TAG.sub(replaced, html)


def _without_signposts(text: str) -> str:
    """Without links that say where to read on, as they would count as words of every paragraph.

    Such a link ends its line. It stands behind a finished sentence and is short, or half of all
    lines end in one of the same words. Marks of all other links are taken away.
    """
    text = text.rstrip()
    lines = sum(1 for line in text.split("\n") if line and not line.isspace())
    found = list(_LAST_LINK.finditer(text))
    words = [tuple(_WORD.findall(link[1].lower())) for link in found]
    often = {w for w, n in Counter(words).items() if n > 1 and 2 * n >= lines}
    kept, start = [], 0
    for link, said in zip(found, words, strict=True):
        if said in often or (len(said) <= _SIGNPOST_WORDS and _is_apart(text, link)):
            kept.append(text[start : link.start()])
            start = link.end()
    return "".join([*kept, text[start:]]).translate(_NO_LINKS)


def _is_apart(text: str, link: re.Match[str]) -> bool:
    """Whether a link is no part of a sentence: one has ended before it, and it ends none."""
    before = text[max(0, link.start() - 40) : link.start()]
    sentence = before.rstrip(_CLOSING)
    if sentence[-1:] not in _ENDS_SENTENCE or link[1].rstrip()[-1:] in _ENDS_SENTENCE:
        return False
    if _SHORT_FORM.search(sentence):
        return False
    own_line = before.rstrip(" ").endswith("\n")
    return not own_line or link.end() == len(text)

"""Wires, site maps and other XML, SGML, and wires as they went over lines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from read_harness import Result, written

from dedupe.errors import SourceError
from dedupe.read import FieldKeys, tree

G2 = """<?xml version="1.0" encoding="UTF-8"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="urn:x:1" version="2" xml:lang="en-GB">
 <itemMeta><itemClass qcode="ninat:text"/><provider literal="HN"><name>Harbour News</name></provider>
  <versionCreated>2025-05-04T10:00:00Z</versionCreated></itemMeta>
 <contentMeta><headline>Crane falls</headline><description>Short.</description></contentMeta>
 <contentSet><inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><head><title>No</title></head>
  <body><header><p>Slug</p></header><p>A <b>crane</b> fell &amp; sank.</p><p>Nobody was hurt.</p>
  </body></html></inlineXML></contentSet>
</newsItem>
<newsItem guid="urn:x:2"><itemMeta><itemClass qcode="ninat:picture"/></itemMeta>
 <contentMeta><headline>A picture</headline></contentMeta></newsItem>
</itemSet></newsMessage>"""

ONE = """<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE NewsML SYSTEM "http://x.example/NewsML_1.2.dtd">
<NewsML><NewsItem xml:lang="fr"><Identification><NewsIdentifier><ProviderId>h.example</ProviderId>
<DateId>20250504</DateId><PublicIdentifier>urn:newsml:1</PublicIdentifier></NewsIdentifier>
</Identification><NewsManagement><ThisRevisionCreated>20250504T100000Z</ThisRevisionCreated>
</NewsManagement><NewsComponent><NewsLines><HeadLine>Une grue tombe</HeadLine></NewsLines>
<NewsComponent><ContentItem><MediaType FormalName="Text"/><DataContent><media><media-caption>Photo
</media-caption></media><p>L’été, une grue est tombée.</p><p>Personne n&rsquo;est blessé.</p></DataContent>
</ContentItem></NewsComponent></NewsComponent></NewsItem></NewsML>"""

NITF = """<?xml version="1.0"?><nitf baselang="en"><head><title>Slug</title>
<docdata><doc-id id-string="n-1"/><date.issue norm="20250504T100000Z"/></docdata>
<pubdata name="Harbour News" ex-ref="https://h.example/1"/></head><body><body.head><hedline>
<hl1>Crane falls</hl1></hedline><byline>By B</byline></body.head><body.content>
<block class="lead_paragraph"><p>A crane fell in <location>Port Kessel</location>.</p></block>
<block class="full_text"><p>A crane fell in <location>Port Kessel</location>.</p><p>Nobody was
hurt.</p></block></body.content></body></nitf>"""

TEN = datetime(2025, 5, 4, 10, tzinfo=UTC)


def test_an_item_of_newsml_g2_is_an_article_and_a_picture_is_none(tmp_path: Path) -> None:
    result = Result(written(tmp_path, "a.xml", G2))
    (read,) = result.articles
    assert (read.id, read.title, read.source) == ("urn:x:1", "Crane falls", "Harbour News")
    assert (read.date, read.lang) == (TEN, "en")
    assert read.text == "A crane fell & sank.\n\nNobody was hurt."
    assert result.reasons == [(2, "an item of the kind picture, without a text")]


def test_an_item_of_newsml_1_is_an_article(tmp_path: Path) -> None:
    for encoded in (ONE.encode("utf-8"), ONE.replace("\u2019", "&#8217;").encode("latin-1")):
        (read,) = Result(written(tmp_path, "a.xml", encoded)).articles
        assert (read.id, read.title, read.source) == ("urn:newsml:1", "Une grue tombe", "h.example")
        assert (read.date, read.lang) == (TEN, "fr")
        assert read.text == "L’été, une grue est tombée.\n\nPersonne n’est blessé."


def test_a_document_of_nitf_is_an_article(tmp_path: Path) -> None:
    (read,) = Result(written(tmp_path, "a.nitf", NITF)).articles
    assert (read.id, read.title, read.source) == ("n-1", "Crane falls", "Harbour News")
    assert (read.date, read.url, read.lang) == (TEN, "https://h.example/1", "en")
    assert read.text == "A crane fell in Port Kessel.\n\nNobody was hurt."


def test_a_package_refers_to_its_items(tmp_path: Path) -> None:
    package = "<packageItem guid='x'><groupSet><group><itemRef/><itemRef/></group></groupSet></packageItem>"
    ((_, reason),) = Result(written(tmp_path, "a.xml", package)).reasons
    assert reason == "a package that refers to 2 items; give the items themselves"


def test_a_news_site_map_has_titles_and_any_other_has_none(tmp_path: Path) -> None:
    entry = """<url><loc>https://h.example/1</loc><news:news><news:publication><news:name>Harbour
    News</news:name><news:language>en</news:language></news:publication>
    <news:publication_date>2025-05-04T10:00:00Z</news:publication_date>
    <news:title>Crane falls</news:title></news:news></url>"""
    top = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://n">'
    plain = "<url><loc>https://h.example/2</loc></url>"
    result = Result(written(tmp_path, "a.xml", f"{top}{entry}{plain}</urlset>"))
    (read,) = result.articles
    assert (read.title, read.url, read.date) == ("Crane falls", "https://h.example/1", TEN)
    assert (read.source, read.lang, read.text) == ("Harbour News", "en", "")
    assert [line for line, _ in result.reasons] == [2]
    index = "<sitemapindex><sitemap><loc>https://h.example/s.xml</loc></sitemap></sitemapindex>"
    with pytest.raises(SourceError, match="give the site maps that it names"):
        Result(written(tmp_path, "b.xml", index))


def test_xml_of_any_other_make_is_read_as_records(tmp_path: Path) -> None:
    data = """<?xml version="1.0"?><dump version="3"><made-by>x</made-by><pieces>
    <piece nr="1"><headline>Crane falls</headline><Content>&lt;p&gt;It fell.&lt;/p&gt;</Content>
    <published>2025-05-04T10:00:00Z</published></piece>
    <piece nr="2"><headline>Fog</headline><Content><p>In the</p><p>Sound.</p></Content>
    <published>2025-05-04T10:00:00Z</published></piece></pieces></dump>"""
    one, two = Result(written(tmp_path, "a.xml", data)).articles
    assert (one.title, one.text, one.date) == ("Crane falls", "It fell.", TEN)
    assert (two.title, two.text) == ("Fog", "In the\n\nSound.")
    single = "<newsitem itemid='7' xml:lang='en'><title>T</title><text><p>One.</p><p>Two.</p></text></newsitem>"
    (read,) = Result(written(tmp_path, "b.xml", single)).articles
    assert (read.id, read.title, read.text) == ("7", "T", "One.\n\nTwo.")
    odd = "<x><y><kopf>K</kopf><rumpf>R</rumpf></y><y><kopf>L</kopf><rumpf>S</rumpf></y></x>"
    named = Result(written(tmp_path, "c.xml", odd), keys=FieldKeys(text="rumpf", title="kopf"))
    assert [(a.title, a.text) for a in named.articles] == [("K", "R"), ("L", "S")]


def test_an_attribute_of_the_name_of_elements_hides_none_of_them(tmp_path: Path) -> None:
    pieces = "".join(f"<item><title>T {n}</title><text>Text {n}.</text></item>" for n in "123")
    path = written(tmp_path, "a.xml", f'<dump item="3">{pieces}</dump>')
    assert Result(path).texts == ["Text 1.", "Text 2.", "Text 3."]


def test_xml_without_an_article_says_which_fields_it_has(tmp_path: Path) -> None:
    ((_, reason),) = Result(written(tmp_path, "a.xml", "<a><b>1</b><c>2</c></a>")).reasons
    assert reason.endswith("fields: a.b, a.c")


def test_of_xml_that_breaks_off_what_came_before_is_read(tmp_path: Path) -> None:
    cut = G2[: G2.index('<newsItem guid="urn:x:2"')]
    result = Result(written(tmp_path, "a.xml", cut))
    assert result.ids == ["urn:x:1"]
    ((line, reason),) = result.reasons
    assert line == 2
    assert reason.startswith("the XML is broken here: no element found (line ")


def test_what_is_no_xml_is_an_error_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.xml: no XML"):
        Result(written(tmp_path, "a.xml", "plain words"))


def test_entities_neither_swell_a_file_nor_fetch_another(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret", "HIDDEN")
    body = "<nitf><body><body.head><hedline><hl1>T</hl1></hedline></body.head><body.content><p>%s</p></body.content></body></nitf>"
    outside = f'<!DOCTYPE nitf [<!ENTITY x SYSTEM "file://{secret}">]>' + body % "a&x;b"
    assert Result(written(tmp_path, "a.xml", outside)).texts == ["ab"]
    inner = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<!DOCTYPE nitf [<!ENTITY e0 "{"x" * 50}">{inner}]>' + body % "&e8;"
    with pytest.raises(SourceError, match="swell"):
        Result(written(tmp_path, "b.xml", bomb))


def test_elements_without_measure_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="nested too deep"):
        Result(written(tmp_path, "a.xml", "<a>" * 5000))
    monkeypatch.setattr(tree, "MOST_ELEMENTS", 10)
    with pytest.raises(SourceError, match="too many"):
        Result(written(tmp_path, "b.xml", "<a>" + "<b/>" * 50 + "</a>"))


REUTERS = """<!DOCTYPE lewis SYSTEM "lewis.dtd">
<REUTERS TOPICS="YES" LEWISSPLIT="TRAIN" OLDID="5544" NEWID="1">
<DATE>26-FEB-1987 15:01:01.79</DATE><TOPICS><D>cocoa</D></TOPICS><PLACES></PLACES>
<UNKNOWN>&#5;&#5;C</UNKNOWN><TEXT>&#2;<TITLE>CRANE FALLS</TITLE><DATELINE>  PORT, Feb 26 -
</DATELINE><BODY>A crane &lt;HN> fell into
the harbour.
    Nobody was hurt.
 Reuter
&#3;</BODY></TEXT>
</REUTERS>
<REUTERS TOPICS="NO" NEWID="2"><TEXT TYPE="UNPROC">&#2;
Plain words of a wire.
&#3;</TEXT></REUTERS>
"""

TREC = """<DOC id="HN_20250504.0001" type="story">
<HEADLINE>
Crane falls
</HEADLINE>
<TEXT>
<P>
A crane fell.
<P>
Nobody was hurt.
</TEXT>
</DOC>
<DOC><DOCNO> HN-2 </DOCNO><TEXT>Fog in the Sound.</TEXT></DOC>
"""


def test_documents_of_sgml_follow_each_other(tmp_path: Path) -> None:
    one, two = Result(written(tmp_path, "a.sgm", REUTERS)).articles
    assert (one.id, one.title) == ("1", "CRANE FALLS")
    assert one.text.startswith("A crane <HN> fell into")
    assert (two.id, two.text.strip()) == ("2", "Plain words of a wire.")
    one, two = Result(written(tmp_path, "b.sgml", TREC)).articles
    assert (one.id, one.title) == ("HN_20250504.0001", "Crane falls")
    assert one.text == "A crane fell.\n\nNobody was hurt."
    assert (two.id, two.text) == ("HN-2", "Fog in the Sound.")


def test_a_document_of_sgml_whose_tag_is_broken_costs_itself_alone(tmp_path: Path) -> None:
    broken = '<DOC id="1>\nWords.\n</DOC>\n'
    result = Result(written(tmp_path, "a.sgm", TREC + broken + "<DOC><TEXT>Snow.</TEXT></DOC>"))
    assert {"Fog in the Sound.", "Snow."} <= set(result.texts)
    assert len(result.texts) + len(result.reasons) == 4


IPTC = (
    "\x01eca062 4 i 211   dpa 061\r\n\r\nHarbour/crane/\r\n\x02EXTRA\r\nCrane falls in\r\n"
    "Port Kessel =\r\n\r\nPort Kessel (dpa) - A crane fell into the\r\nharbour.\r\n\r\n"
    "Nobody was hurt.\r\n\x03041000 GMT May 25\r\n\x7f\x04"
)
ANPA = (
    "\x16\x16\x01W2870\x1f_wire\nf l\x13\x11 BC-Crane     05-04 0149\n\x02^BC-Crane,66<\n"
    "^Crane falls in Port Kessel<\n^By A. WRITER=\n\t   PORT KESSEL (AP) _ A crane fell.\n"
    "\t   Nobody was hurt.\n\x03AP-WF-05-04-25 1000GMT<\n\x0c\n\x04"
)


@pytest.mark.parametrize("name", ["a.iptc", "a.unknown"])
def test_wires_of_lines_are_read(tmp_path: Path, name: str) -> None:
    one, two = Result(written(tmp_path, name, IPTC + ANPA)).articles
    assert (one.title, one.source) == ("Crane falls in Port Kessel", "dpa")
    assert one.text == "Port Kessel (dpa) - A crane fell into the harbour.\n\nNobody was hurt."
    assert (two.title, two.source) == ("Crane falls in Port Kessel", "AP")
    assert two.text == "PORT KESSEL (AP) _ A crane fell.\n\nNobody was hurt."
    assert one.date == two.date == TEN


def test_a_message_without_a_text_is_rejected(tmp_path: Path) -> None:
    result = Result(written(tmp_path, "a.iptc", IPTC + "\x01lost\x04"))
    assert result.reasons == [(2, "no text in the message: no STX (byte 2)")]

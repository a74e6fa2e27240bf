"""The names of fields that are known, and which of them comes first."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SEPARATORS = re.compile(r"(?<=.)[-_\s.]+")
_NAMESPACE = re.compile(r"^.*[:/#](?=[^:/#])", re.DOTALL)
_KIND = re.compile(r"(?<=\w)_(?:ss?|te?xt|t|[pt]?dts?)(?:_[a-z]{2})?$")
"""What names end in by which Solr knows the kind of a field: ``title_t``, ``body_txt_en``."""


def folded(name: str) -> str:
    """A field name as it is compared: without case, hyphens, underscores, dots and spaces.

    Without a namespace and what says its kind, too: ``og:title``, ``https://schema.org/headline``,
    ``title_t``.
    """
    name = name.strip().lstrip("\ufeff")
    name = _KIND.sub("", name) if "_" in name else name
    return _SEPARATORS.sub("", _NAMESPACE.sub("", name) if ":" in name else name).lower()


_FORMS = re.compile(r"(?<=.)(?:x?html5?|nitf|plain|text|txt|raw|clean|rendered|markdown|full)$")
"""What names of texts may end in, in folded form: the form that the text is in."""


def rank_of_text(ranks: Mapping[str, int], name: str) -> tuple[int, bool] | None:
    """Where a name of a text stands: ``article_html`` right behind ``article``."""
    name = folded(name)
    rank = ranks.get(name)
    if rank is not None:
        return rank, False
    rank = ranks.get(_FORMS.sub("", name))
    return None if rank is None else (rank, True)


def names_in(names: str) -> list[str]:
    """Names, as they are written here: one after the other."""
    return names.split()


def _in_order(names: str) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(names.split())}


NAMES: dict[str, dict[str, int]] = {
    # objectid: Algolia; resultid: LexisNexis; docno: TREC; uno: AFP.
    "id": _in_order(
        "id guid uri _id @id identifier uuid articleid docid documentid storyid newsid itemid"
        " postid entryid objectid resultid docno accessionnumber uno messageid"
    ),
    # webtitle: the Guardian; hl: NITF; header: Opoint.
    "title": _in_order(
        "title headline headlines articletitle newstitle webtitle storytitle posttitle"
        " titel titre título titulo titolo titular titulek tytuł tittel titlu otsikko rubrik başlık"
        " überschrift schlagzeile заголовок название 标题 標題 题目 タイトル 見出し 제목"
        " शीर्षक عنوان العنوان tiêuđề judul"
        " pagetitle titlepage titlerss heading header alternativeheadline ogtitle metatitle name"
    ),
    # maintext: news-please; articlebody: schema.org; bodies: ninjs 3; plaintext: Fundus;
    # contenttext, contenthtml: JSON Feed; bodyhtml: Superdesk; bodyxhtml: ninjs 1;
    # contentelements: Arc; contents: the Washington Post; components: Apple News;
    # selftext: Reddit; storytext: Hacker News; encoded: RSS; snippet, leadparagraph: the
    # New York Times; trailtext: the Guardian.
    "text": _in_order(
        "text maintext articlebody plaintext body bodytext content contenttext bodies"
        " bodyhtml bodyxhtml contenthtml articletext fulltext article document rawtext"
        " articlecontent maincontent storybody storytext newstext newscontent postcontent"
        " pagetext cleantext extractedtext selftext encoded bodynitf contentelements contents"
        " paragraphs components blocks html"
        " texto testo texte tekst teksti inhalt artikeltext contenido contenu conteúdo conteudo"
        " contenuto cuerpo corpo inhoud treść içerik metin текст содержание 正文 内容 內容"
        " 本文 본문 내용 विवरण पाठ النص المحتوى nộidung"
        " summary leadparagraph abstract description lead standfirst teaser excerpt snippet"
        " trailtext shortdescription ogdescription metadescription"
        " zusammenfassung vorspann résumé chapô chapeau resumen entradilla resumo riassunto"
        " sommario samenvatting аннотация 摘要"
    ),
    # webpublicationdate: the Guardian; seendate: GDELT; createdutc: Reddit; createdtime: Facebook.
    "date": _in_order(
        "datepublished datepublish published publishedparsed publishedat publisheddate"
        " publishdate publishedtime publishingdate pubdate publicationdate webpublicationdate"
        " firstpublished firstpublishedat displaydate dategmt date"
        " versioncreated firstcreated contentcreated datetimepub datetime timestamp time pubtime"
        " datum fecha dato datapublikacji datadepublicação datapubblicazione datedepublication"
        " fechadepublicación fechapublicacion veröffentlicht veröffentlichungsdatum"
        " erscheinungsdatum tarih дата датапубликации 日期 发布时间 發布時間 发布日期 日付"
        " 날짜 दिनांक تاريخ التاريخ ngày tanggal"
        " datecreated createdat created createdtime creationdate createdutc issued issuedate"
        " releasedate postdate postedat postedon dateposted publishedon seendate"
        " datemodified datemodify modified"
        " updatedparsed updated updatedat"
    ),
    # origin: Google Reader; feedtitle: Tiny Tiny RSS; feed: Miniflux; medianame: Media Cloud;
    # sitefull: webhose.io.
    "source": _in_order(
        "sourcehostname source sourcename sourcetitle publisher sourceorganization sourcedomain"
        " sitename metasitename infosource infosources originalsource outlet publication newspaper"
        " medianame quelle fuente fonte bron källa kilde lähde źródło kaynak источник"
        " 来源 來源 媒体 出典 출처 स्रोत المصدر nguồn sumber"
        " channelname provider domain hostname site sitefull origin feed feedtitle"
        " channeltitle"
    ),
    # alternate, canonical: Google Reader.
    "url": _in_order(
        "url link canonicallink canonicalurl articleurl weburl permalink href canonical alternate"
        " sourceurl pageurl storyurl lien enlace ссылка 链接 网址 連結 mainentityofpage source"
        " externalurl links @id"
    ),
    "lang": _in_order(
        "lang language inlanguage metalang languagecode langcode locale sprache langue"
        " idioma lingua язык 语言"
    ),
}
"""Column -> folded name -> rank, 0 the best.

The order matters where a record has several: the whole body before its summary, the time of
publication before that of a change. Times of download are left out, as they date the crawl. Names
in other languages than English are those that tables of people have. ``data`` is none, though it is
a date in five of them: elsewhere it is what holds the record.
"""

ZONES = _in_order("timezone tz timezonename tzname utcoffset tzoffset timezoneoffset")
"""Fields that say in which zone the times of a record are that name none."""

FIRST_SUMMARY = NAMES["text"]["summary"]
"""From this rank on, names of texts are those of summaries, which stand in for a body."""

WRAPPERS = frozenset({"metadata", "meta", "thread", "sys"})
"""Objects whose fields count as the record's own, where it has none of that name: datatrove,
webhose.io, Contentful."""

HOLDERS = WRAPPERS.union(
    names_in(
        "_source attributes fields properties data doc document node row record item article post"
        " story object snippet payload result page entry content text"
    )
)
"""Likewise, where the record has no body or no title: ``_source`` of Elasticsearch, ``attributes``
of Strapi, ``fields`` of the Guardian, ``data`` of Reddit, ``doc`` of CouchDB, ``node`` of GraphQL,
``row`` of data sets, ``snippet`` of YouTube."""

LISTS = frozenset(
    names_in(
        "items item entries entry articles article results result docs doc documents hits posts"
        " stories news records rows ordereditems statuses messages topics itemlistelement _items"
    )
)
"""Folded names of lists of articles, which outweigh that the whole has a title and a date."""

"""Crawls a site with the pipeline of stories, as a process: ADDRESS OUT SETTINGS KINDS.

SETTINGS is a JSON object. KINDS are item types, in turn: dict, item, class, attrs, bare (a class
without a field for the mark), other (a dict without a text). Prints the statistics as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

import attrs
import scrapy
from scrapy.crawler import CrawlerProcess


class NewsItem(scrapy.Item):
    headline = scrapy.Field()
    story_body = scrapy.Field()
    url = scrapy.Field()
    dedupe = scrapy.Field()


@dataclass
class NewsClass:
    headline: str
    story_body: str
    url: str
    dedupe: dict = field(default_factory=dict)


@attrs.define
class NewsAttrs:
    headline: str
    story_body: str
    url: str
    dedupe: dict | None = None


@dataclass(frozen=True)
class Bare:
    headline: str
    story_body: str
    url: str


KINDS = {
    "dict": dict,
    "item": NewsItem,
    "class": NewsClass,
    "attrs": NewsAttrs,
    "bare": Bare,
    "other": lambda url, **_: {"url": url},
}


class NewsSpider(scrapy.Spider):
    name = "news"

    def __init__(self, address: str, kinds: list[str], **options: object) -> None:
        super().__init__(**options)
        self.start_urls = [address]
        self.kinds = kinds

    def parse(self, response):
        for number, link in enumerate(response.css("a::attr(href)").getall()):
            yield response.follow(
                link,
                self.parse_article,
                dont_filter=True,
                priority=-number,
                cb_kwargs={"kind": self.kinds[number % len(self.kinds)]},
            )

    def parse_article(self, response, kind):
        yield KINDS[kind](
            headline=response.css("h1::text").get(),
            story_body="\n\n".join(response.css("article p::text").getall()),
            url=response.url,
        )


def main() -> None:
    address, out, settings, kinds = sys.argv[1:]
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 1,
            "FEEDS": {out: {"format": "jsonlines"}},
            "ITEM_PIPELINES": {"dedupe.hooks.scrapy.StoryFilterPipeline": 300},
            "DEDUPE_FIELDS": {"title": "headline", "text": "story_body"},
            "TELNETCONSOLE_ENABLED": False,
            "RETRY_ENABLED": False,
            **json.loads(settings),
        }
    )
    crawler = process.create_crawler(NewsSpider)
    process.crawl(crawler, address=address, kinds=kinds.split(","))
    process.start()
    print(json.dumps(crawler.stats.get_stats(), default=str))


if __name__ == "__main__":
    main()

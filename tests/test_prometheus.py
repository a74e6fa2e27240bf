"""Prometheus itself reads the metrics with the settings that are given, and knows what is asked."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from programs import needed, running
from server_harness import Served, article
from web_server import free_port

pytestmark = pytest.mark.posix
DEPLOY = Path(__file__).parent.parent / "deploy"
TOKEN = "0123456789abcdef"
LONG = re.compile(r"\$__rate_interval|\[\d+[mh]\]")


def asked(port: int, path: str, **more: str) -> Any:
    """What its API answers."""
    address = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(more)}"
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)["data"]


def test_every_panel_shows_something_of_a_server_that_is_read(tmp_path: Path) -> None:
    prometheus, port = needed("prometheus"), free_port()
    tokens = tmp_path / "tokens"
    tokens.write_text(f"all check,admit,manage {TOKEN}\n", encoding="utf-8")
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    (tmp_path / "alerts.yml").write_text((DEPLOY / "alerts.yml").read_text("utf-8"))
    with Served(tmp_path / "news.index", "--tokens", tokens) as served:
        given = (DEPLOY / "prometheus.yml").read_text("utf-8")
        for old, new in {
            "scrape_interval: 15s": "scrape_interval: 500ms",
            "/etc/prometheus/dedupe-token": str(tmp_path / "token"),
            "127.0.0.1:8370": f"127.0.0.1:{served.port}",
        }.items():
            assert given.count(old) == 1, old
            given = given.replace(old, new)
        (tmp_path / "prometheus.yml").write_text(given, encoding="utf-8")
        words = [prometheus, f"--config.file={tmp_path}/prometheus.yml"]
        words += [f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address=127.0.0.1:{port}"]
        own = {"Authorization": f"Bearer {TOKEN}"}
        with running(words, port):
            end = time.monotonic() + 60  # it looks for what to read every five seconds
            while not (read := asked(port, "query", query="up")["result"]):
                assert time.monotonic() < end
                time.sleep(0.2)
            assert [sample["value"][1] for sample in read] == ["1"]
            for number in range(12):
                served.admit(article(number), **own)
                served.check(article(number), **own)
                time.sleep(0.3)
            assert len(asked(port, "rules")["groups"][0]["rules"]) == 8
            board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
            for panel in board["panels"]:
                for one in panel["targets"]:
                    expression = LONG.sub("3s", one["expr"].replace("$instance", ".*"))
                    found = asked(port, "query", query=expression)["result"]
                    assert found, one["expr"]
                    assert all(sample["value"][1] != "NaN" for sample in found), one["expr"]

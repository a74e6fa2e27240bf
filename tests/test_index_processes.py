"""Processes that share an index: at once, one after the other's sudden end, beside one that expires.

The scenarios of ``python -m soak`` at a small size.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dedupe.index import open_index
from soak import answered, expire, kill, postgres, processes, served, stream
from soak.findings import Findings
from soak.texts import News


@pytest.fixture
def findings() -> Findings:
    return Findings(print)


def test_of_many_that_admit_the_same_articles_each_is_told_once(
    tmp_path: Path, findings: Findings
) -> None:
    processes.run(40, tmp_path, findings)
    assert findings.broken == []


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path, findings: Findings) -> None:
    kill.run(24, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["articles in the index"] > 100


def test_what_nobody_was_told_of_may_be_there_at_last(tmp_path: Path, findings: Findings) -> None:
    """A call was done and not acknowledged; those who were to repeat it were killed before."""
    path, articles = str(tmp_path / "i"), list(News(1).articles(0, 3))
    ledger = kill.Ledger()
    ledger.follow([("begun", [article.id for article in articles])])
    with open_index(path) as index:
        index.admit_many(articles)
        assert ledger.believe(index) == []
    ledger.follow([])
    kill.whole(path, ledger, [], findings)
    assert findings.broken == []


@pytest.mark.posix
def test_what_a_server_answered_outlives_its_kill(tmp_path: Path, findings: Findings) -> None:
    served.run(20, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["answered"] > 100


@pytest.mark.posix
@pytest.mark.usefixtures("postgres_server")
def test_what_a_database_was_told_outlives_clients_servers_and_networks(
    tmp_path: Path, findings: Findings
) -> None:
    postgres.run(2, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["answered"] > 0


def test_half_of_an_index_goes_while_another_process_works(
    tmp_path: Path, findings: Findings
) -> None:
    expire.run(1500, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["check during expire: calls"] > 0


def test_every_article_of_a_mixed_stream_is_answered_in_order(
    tmp_path: Path, findings: Findings
) -> None:
    stream.run(6000, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["articles"] > 1500


def test_each_line_of_a_stream_has_its_answer(tmp_path: Path, findings: Findings) -> None:
    answered.run(2000, tmp_path, findings)
    assert findings.broken == []

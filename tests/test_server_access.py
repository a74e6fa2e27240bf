"""Who may ask a server: tokens and their scopes, and what it does without any."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from server_harness import Served, article

from dedupe.cli import main
from dedupe.errors import SettingError
from dedupe.server.access import is_loopback, read_tokens

READER, CRAWLER, DESK = "r" * 32, "c1" * 16, "d+/=" * 8


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    path.write_text(
        f"# who may what\n\nreader check {READER}\ncrawler check,admit {CRAWLER}\n"
        f"  desk   check,admit,manage\t{DESK}\n",
        encoding="utf-8",
    )
    return path


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and messages of a call in this process, which must end by itself."""
    with CliRunner().isolation() as (_, err, __):
        with pytest.raises(SystemExit) as ended:
            main(["serve", *map(str, arguments)])
        sys.stderr.flush()
        return int(ended.value.code or 0), err.getvalue().decode()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("guarded")
    path = folder / "tokens"
    path.write_text(
        f"reader check {READER}\ncrawler check,admit {CRAWLER}\ndesk check,admit,manage {DESK}\n",
        encoding="utf-8",
    )
    with Served(folder / "i", "--tokens", path) as server:
        yield server


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# Over HTTP


@pytest.mark.posix
@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("POST", "/v1/check", "check"),
        ("POST", "/v1/admit", "admit"),
        ("GET", "/v1/articles/x", "check"),
        ("DELETE", "/v1/articles/x", "manage"),
        ("GET", "/v1/stories", "check"),
        ("GET", "/v1/stories/s1", "check"),
        ("GET", "/v1/compare", "check"),
        ("GET", "/v1/different", "check"),
        ("POST", "/v1/different", "manage"),
        ("GET", "/metrics", "check"),
    ],
)
def test_each_path_takes_its_scope_and_no_other(guarded: Served, method, path, right) -> None:
    scopes = {READER: {"check"}, CRAWLER: {"check", "admit"}, DESK: {"check", "admit", "manage"}}
    assert guarded.ask(method, path).status == 401
    for token, held in scopes.items():
        status = guarded.ask(method, path, **bearer(token)).status
        assert (status == 403) == (right not in held)
        assert status != 401


@pytest.mark.posix
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_what_tells_nothing_of_articles_takes_no_token(guarded: Served, path: str) -> None:
    assert guarded.ask("GET", path).status == 200


@pytest.mark.posix
@pytest.mark.parametrize(
    "value",
    [
        "",
        READER,
        f"Basic {base64.b64encode(f'reader:{READER}'.encode()).decode()}",
        f"Basic {READER}",
        f"Bearer {READER[:-1]}",
        f"Bearer {READER}x",
        f"Bearer {READER.upper()}",
        "Bearer ",
        "Bearer \xff\xfe",
    ],
)
def test_what_is_no_token_that_is_known_is_refused(guarded: Served, value: str) -> None:
    told = guarded.ask("GET", "/v1/stories", Authorization=value)
    assert told.status == 401
    assert told.headers["www-authenticate"] == "Bearer"


@pytest.mark.posix
def test_no_token_stands_in_a_log_or_an_answer(tmp_path: Path, tokens: Path) -> None:
    wrong = "w" * 40
    with Served(tmp_path / "i", "--tokens", tokens) as served:
        answers = [
            served.admit(article(1), **bearer(CRAWLER)),
            served.admit(article(2), **bearer(READER)),
            served.admit(article(2), **bearer(wrong)),
            served.ask("DELETE", "/v1/articles/a1", **bearer(CRAWLER)),
        ]
        served.stop()
        told = "".join([*served.out, *served.said]) + "".join(map(repr, answers))
        assert [answer.status for answer in answers] == [200, 403, 401, 403]
        assert [row["token"] for row in served.log] == ["crawler", "reader", "", "crawler"]
    assert not [token for token in (READER, CRAWLER, DESK, wrong) if token in told]


@pytest.mark.posix
def test_without_tokens_it_answers_to_names_of_its_own_machine_alone(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served:
        for host in ("localhost", "127.0.0.1:99", "[::1]", "LOCALHOST:1"):
            assert served.ask("GET", "/v1/stories", Host=host).status == 200
        for host in ("news.example", "127.0.0.1.news.example", "10.0.0.1", "localhost.evil:80"):
            told = served.ask("GET", "/v1/stories", Host=host)
            assert told.status == 403
            assert "localhost alone" in told.json["error"]


@pytest.mark.posix
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_page_in_a_browser_could_send_is_refused(tmp_path, guarded: Served, kind) -> None:
    told = guarded.admit(article(1), kind=kind, **bearer(DESK))
    assert told.status == 415
    assert "application/json" in told.json["error"]


# The command


def test_other_machines_are_let_in_by_tokens_alone(tmp_path: Path) -> None:
    code, told = run("--index", tmp_path / "i", "--listen", "0.0.0.0:0")
    assert code == 2
    assert "give --tokens FILE, or --no-tokens" in told
    assert not (tmp_path / "i").exists()


def test_tokens_and_no_tokens_exclude_each_other(tmp_path: Path, tokens: Path) -> None:
    code, told = run("--index", tmp_path / "i", "--tokens", tokens, "--no-tokens")
    assert (code, "not both" in told) == (2, True)


@pytest.mark.parametrize("place", ["8370", "localhost:", "localhost:99999", "a b:c", "::1:80"])
def test_where_nothing_can_listen_is_told(tmp_path: Path, place: str) -> None:
    code, told = run("--index", tmp_path / "i", "--listen", place)
    assert (code, "no HOST:PORT" in told) == (2, True)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = run("--index", tmp_path / "i", "--listen", f"127.0.0.1:{port}")
    assert code == 2
    assert f"can't listen on 127.0.0.1:{port}" in told


def test_an_index_that_ends_with_the_command_is_refused() -> None:
    code, told = run("--index", "memory:")
    assert (code, "name a file" in told) == (2, True)


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "i"
    path.write_text("no index at all, but a text of some length" * 9, encoding="utf-8")
    code, told = run("--index", path, "--listen", "127.0.0.1:0")
    assert (code, "index" in told, told.count("\n")) == (2, True, 1)


# The file of tokens


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no token in it"),
        ("# nothing\n", "no token in it"),
        ("a check\n", ":1: wanted NAME SCOPE,... TOKEN, not 2 words"),
        (f"a check,all {READER}\n", ":1: scopes are check, admit, manage"),
        ("a check short\n", ":1: a token has at least 16"),
        (f"a check {'ü' * 20}\n", ":1: a token has at least 16"),
        (f"a check {READER}\na admit {CRAWLER}\n", "same name"),
        (f"a check {READER}\nb admit {READER}\n", "same token"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_without_quoting_it(tmp_path, text, told) -> None:
    path = tmp_path / "tokens"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError) as error:
        read_tokens(path)
    assert told in str(error.value)
    assert not [word for word in (READER, CRAWLER, "short", "ü") if word in str(error.value)[-200:]
                and word != "short"]  # fmt: skip


@pytest.mark.parametrize(
    "told", ["\ufeffa check {0}\nb admit {1}\n", "a check {0}\r\nb admit {1}\r\n"]
)
def test_a_file_of_another_system_is_read(tmp_path: Path, told: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(told.format(READER, CRAWLER), encoding="utf-8", newline="")
    found = [read_tokens(path).grant_of(f"Bearer {token}") for token in (READER, CRAWLER)]
    assert [grant.name for grant in found] == ["a", "b"]


def test_tokens_are_not_kept(tokens: Path) -> None:
    found = read_tokens(tokens)
    grant = found.grant_of(f"bearer  {CRAWLER}")
    assert (grant.name, grant.scopes) == ("crawler", {"check", "admit"})
    assert CRAWLER not in repr(vars(found))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9:80", "localhost", "[::1]:8370", "::1"])
def test_names_of_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "10.0.0.1", "local", "[::1", "[fe80::1]"])
def test_names_of_others(host: str) -> None:
    assert is_loopback(host) == (host == "[::1")

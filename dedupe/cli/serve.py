"""``dedupe serve``: an index over HTTP, for programs on many machines."""

from __future__ import annotations

import re
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedupe.cli.completion import files
from dedupe.cli.filter import DROP_OPTION, TERMINATED
from dedupe.cli.judging import judging_index, with_judging
from dedupe.cli.sources import file_option
from dedupe.cli.streams import say, write_json
from dedupe.errors import MissingExtraError, SettingError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dedupe.index.target import Target
    from dedupe.server.access import Grants
    from dedupe.server.answering import Service
    from dedupe.server.livepage import LivePage
    from dedupe.server.shared import ServerLimits

LISTEN = "127.0.0.1:8370"
_PLACE = re.compile(r"(?P<host>\[[0-9a-fA-F:.%]+\]|[^\[\]:]+):(?P<port>\d{1,5})")


def _place(_: click.Context, __: click.Parameter, value: str) -> tuple[str, int]:
    """Host and port."""
    found = _PLACE.fullmatch(value)
    if found is None or int(found["port"]) > 65535:
        raise click.BadParameter(f"{value} is no HOST:PORT, such as {LISTEN} or [::1]:8370")
    return found["host"].strip("[]"), int(found["port"])


@click.command("serve")
@click.option(
    "--index",
    required=True,
    metavar="FILE",
    shell_complete=files,
    help="Index to serve; made if missing: a file, or postgresql://.",
)
@click.option(
    "--listen",
    default=LISTEN,
    callback=_place,
    metavar="HOST:PORT",
    help="Where to listen; another machine's programs need --tokens.",
)
@file_option("--tokens", help="Lines of NAME SCOPE,... TOKEN: who may check, admit, manage.")
@click.option("--no-tokens", is_flag=True, help="Let everybody who reaches it do everything.")
@DROP_OPTION
@click.option(
    "--body-bytes",
    type=click.IntRange(1024, 1 << 30),
    default=16 << 20,
    help="Refuse longer bodies, and lines of a stream.",
)
@click.option(
    "--waiting-bytes",
    type=click.IntRange(1024),
    default=128 << 20,
    help="Put requests off while bodies of so many bytes wait for their answers.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 3600),
    default=60.0,
    help="Give a body so long to come, and as long again to be answered.",
)
@click.option(
    "--newest",
    type=click.IntRange(0),
    default=2000,
    help="Make the page at / of so many articles that came last; 0 for no page.",
)
@click.option("--quiet", "-q", is_flag=True, help="No line for each decision and refusal.")
@with_judging
def command(
    *,
    index: str,
    listen: tuple[str, int],
    tokens: Path | None,
    no_tokens: bool,
    drop: Any,
    body_bytes: int,
    waiting_bytes: int,
    seconds: float,
    newest: int,
    quiet: bool,
    **options: Any,
) -> int:
    """Answer over HTTP what articles are, and take them in, until a signal ends it.

    Each decision, and each request that was refused, is told in a line of JSON on standard output.
    What can be asked is told by the server itself at /openapi.json.
    """
    granted = _tokens(tokens, listen[0], no_tokens=no_tokens)
    _be_installed()
    from dedupe.cli.index_contents import lasting
    from dedupe.hooks.lines import Ending
    from dedupe.read.address import WEB, scheme_of, shown_address
    from dedupe.server.listening import listening_socket, serve_until
    from dedupe.server.routes import application
    from dedupe.server.shared import ServerLimits

    limits = ServerLimits(body_bytes, waiting_bytes=waiting_bytes, seconds=seconds)
    if scheme_of(index) in WEB:
        raise SourceError(f"{shown_address(index)}: a server can't serve another; name a file")
    service = _service(
        lasting(index), drop, granted, limits, options,
        own_host=not no_tokens, quiet=quiet, page=_page(index, newest),
    )  # fmt: skip
    with listening_socket(*listen) as listening:
        service.shared.start()  # which may wait for others: a signal ends that at once
        try:
            with Ending() as ending:
                say(f"{shown_address(index)}: answering on {_address(listening.getsockname())}")
                serve_until(application(service), listening, ending, service.ending, seconds)
        finally:
            service.shared.stop()
    if ending.signal == signal.SIGINT:
        raise KeyboardInterrupt
    return TERMINATED if ending.signal else 0


def _be_installed() -> None:
    """Raises MissingExtraError where what answers requests is not."""
    try:
        import prometheus_client  # noqa: F401 - it is needed where requests are answered
        import starlette  # noqa: F401 - see above
        import uvicorn  # noqa: F401 - see above
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "", "server", "dedupe serve") from None


def _tokens(path: Path | None, host: str, *, no_tokens: bool) -> Grants | None:
    """The tokens; None where none are needed. Raises SettingError."""
    from dedupe.server.access import is_loopback, read_tokens

    if path is not None and no_tokens:
        raise click.UsageError("give --tokens or --no-tokens, not both")
    if path is not None:
        return read_tokens(path)
    if not no_tokens and not is_loopback(host):
        raise SettingError(
            f"{host} is reached from other machines: give --tokens FILE, or --no-tokens where "
            "everybody there may admit and remove articles"
        )
    return None


def _service(
    target: Target,
    drop: Any,
    granted: Grants | None,
    limits: ServerLimits,
    options: dict[str, Any],
    *,
    own_host: bool,
    quiet: bool,
    page: LivePage | None,
) -> Service:
    from dedupe.server.answering import Service
    from dedupe.server.measures import Measures
    from dedupe.server.shared import SharedIndex

    writing = partial(judging_index, target, **options)
    reading = partial(judging_index, target, check_only=True, **options)
    shared = SharedIndex(writing, reading, drop, limits)
    return Service(
        shared=shared,
        measures=Measures(shared),
        log=(lambda _: None) if quiet else _logged(),
        tokens=granted,
        own_host=own_host,
        page=page,
    )


def _page(index: str, newest: int) -> LivePage | None:
    """What makes the page at /; None where there is to be none."""
    from dedupe.server.livepage import LivePage

    if not newest:
        return None
    return LivePage(partial(_page_command, index, newest))


def _page_command(index: str, newest: int, html: Path) -> list[str]:
    """What writes the page of what came last: the report, on one core, in a process of its own."""
    return [
        sys.executable, "-m", "dedupe", "report", "--newest", str(newest), "--min-size", "1",
        "--sort", "date", "--html", str(html), "--set", "threads=1",
        "--quiet", "--", index,
    ]  # fmt: skip


def _logged() -> Callable[[Mapping[str, Any]], None]:
    """Writes events on standard output, with their time, as long as somebody reads them."""
    from datetime import UTC, datetime

    from dedupe.moments import written

    open_ = True

    def log(event: Mapping[str, Any]) -> None:
        nonlocal open_
        if open_:
            try:
                write_json({"time": written(datetime.now(UTC)), **event})
            except OSError as error:  # what was admitted is answered all the same
                open_ = False
                say(f"standard output: {error.strerror or error}; no more is told there")

    return log


def _address(name: Any) -> str:
    host, port = name[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

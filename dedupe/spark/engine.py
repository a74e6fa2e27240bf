"""Engines by name, a session with each, and what is told of their failures."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import warnings
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from dedupe.errors import EngineError, MissingExtraError, RecordError, SettingError
from dedupe.read.budget import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.connect.client import DefaultChannelBuilder

ENGINES = "sail, spark or connect:ADDRESS"
SAIL, SPARK, CONNECT = "sail", "spark", "connect"
_SAIL = {"RUST_LOG": "error", "MIMALLOC_PURGE_DELAY": "0", "SAIL_EXECUTION__BATCH_SIZE": "512"}
"""Variables of Sail: what it writes to standard error; that its allocator gives back at once what
was freed, of which it would keep more than it holds; rows that it hands on together, which of
sketches are 2 MB."""
_PYTHON = "PYSPARK_PYTHON"
"""The variable by which Spark is told which Python its workers run."""
_UNCOMPRESSED = (("grpc.compression_enabled_algorithms_bitset", 1),)
"""Within one machine to compress what is handed over costs as much time as all the rest of it."""
_SECONDS = 10
"""Within which a server must answer at first."""
_FEW, _MANY, _LONGEST = 2, 9, 15_000
"""Attempts where a server answers at once or never, and where it may come back: for a minute and
more, of which the client's own way makes ten. And milliseconds between two at most."""
_OURS = re.compile(r"^dedupe\.errors\.\w+: (.*)", re.MULTILINE)
_DETAILS = re.compile(r"^\s*details = \"(.+)\"\s*$", re.MULTILINE)
_MISSING = re.compile(r"^ModuleNotFoundError: No module named '(\w+)", re.MULTILINE)


def engine_kind(name: str) -> tuple[str, str]:
    """What an engine is, and its address where it has one. Raises SettingError for none."""
    kind, colon, address = name.partition(":")
    if kind == CONNECT and address:
        return kind, address if "://" in address else f"sc://{address}"
    if colon or kind not in {SAIL, SPARK}:
        raise SettingError(f"{name!r} is no engine: give {ENGINES}")
    return kind, ""


@contextmanager
def engine_session(name: str) -> Iterator[SparkSession]:
    """A session with an engine, which ends with the block.

    ``sail`` is an engine in this process; ``spark`` whatever the configuration of Spark names, and
    without one as many threads of this machine as it has processors; ``connect:sc://host:port`` a
    server of Spark Connect. Raises SettingError for another name, MissingExtraError, and
    EngineError for an engine that does not begin.
    """
    kind, address = engine_kind(name)
    _without_warnings()
    if kind == SAIL:
        with _sail() as own:
            yield from _connected(own, _UNCOMPRESSED, name=SAIL, attempts=_FEW)
    elif kind == CONNECT:
        yield from _connected(address, name=address, attempts=_MANY)
    else:
        yield from _spark()


def _without_warnings() -> None:
    """No table here goes through pandas, whose version is new to pyspark; failures are errors."""
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]", UserWarning)


@contextmanager
def _sail() -> Iterator[str]:
    """The address of an engine that runs in this process as long as the block."""
    for name, value in _SAIL.items():  # before it is loaded, which reads them
        os.environ.setdefault(name, value)
    try:
        from pysail.spark import SparkConnectServer
    except ImportError:
        raise MissingExtraError("pysail", "spark", "the engine sail") from None
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        yield f"sc://{host}:{port}"
    finally:
        # It waits for requests that nobody ends any more where an interrupt came in between.
        stopping = threading.Thread(target=server.stop, name="dedupe-sail-stops", daemon=True)
        stopping.start()
        stopping.join(_SECONDS)


@contextmanager
def _main_with_a_file() -> Iterator[None]:
    """As it is imported, pyspark takes `python -c` for a run of its doctests, and ends it."""
    main = sys.modules["__main__"]
    bare = getattr(main, "__spec__", None) is None and not hasattr(main, "__file__")
    if bare:
        main.__file__ = "<string>"
    try:
        yield
    finally:
        if bare:
            del main.__file__


def _take_interrupts_back() -> None:
    """Sail ends its server at SIGINT: a request fails before Python says why, or nothing ends."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))


def _connected(
    address: str, options: Sequence[tuple[str, int]] = (), *, name: str, attempts: int
) -> Iterator[SparkSession]:
    """A session with a server, known by this name, each request to which is tried so often."""
    try:
        import grpc
        from pyspark.errors import PySparkException

        with _main_with_a_file():
            from pyspark.sql.connect.client import DefaultChannelBuilder
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession
    except ImportError:
        raise MissingExtraError("pyspark-client", "spark", f"the engine {name}") from None
    with engine_errors(f"no engine answers at {address}"):
        channel = DefaultChannelBuilder(address, [*options])
        _wait_for(channel, address)
        session = SparkSession.builder.channelBuilder(channel).create()
    _take_interrupts_back()
    session.client.set_retry_policies([DefaultPolicy(attempts, max_backoff=_LONGEST)])
    try:
        yield session  # type: ignore[misc]
    finally:
        # A server that is gone, as Sail is once it is interrupted, has ended the session itself.
        session.client.set_retry_policies([DefaultPolicy(_FEW)])
        with suppress(PySparkException, grpc.RpcError):
            session.stop()


def _wait_for(channel: DefaultChannelBuilder, address: str) -> None:
    """Raises EngineError where nobody answers: the client would try for ten minutes."""
    import grpc

    with channel.toChannel() as trial:
        try:
            grpc.channel_ready_future(trial).result(timeout=_SECONDS)
        except grpc.FutureTimeoutError:
            raise EngineError(f"no engine answers at {address}") from None


def _spark() -> Iterator[SparkSession]:
    if find_spec("pyspark") is None or find_spec("pyspark.core") is None:  # a client lacks it
        raise EngineError(
            "the engine spark needs the package pyspark and Java; without them there is sail, and"
            " a server of Spark Connect by connect:ADDRESS"
        )
    from pyspark.sql import SparkSession

    try:
        builder = SparkSession.builder.appName("dedupe")
        session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
        context = session.sparkContext
        context.setLogLevel("ERROR")  # a stage that is not there yet is a warning
        if _PYTHON not in os.environ and context.master.startswith("local"):
            context.pythonExec = sys.executable  # else `python3`, whichever that is
    except Exception as error:
        raise EngineError(f"Spark does not begin: {in_words(error)}") from error
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """What an engine raises in the block, in a sentence of ours.

    Raises RecordError for what our own code on a worker refused, else EngineError.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        told = str(error)
        if found := _OURS.search(told):
            raise RecordError(found[1]) from None
        if found := _MISSING.search(told):
            raise EngineError(
                f"{doing}: the engine's workers have no package {found[1]!r}; install story-dedupe"
                f" for their Python, too, or name with {_PYTHON} a Python that has it"
            ) from None
        raise EngineError(f"{doing}: {_reason(told)}") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"grpc", "py4j"}:
            raise
        details = getattr(error, "details", None)
        told = (details() if callable(details) else "") or in_words(error)
        raise EngineError(f"{doing}: {told}") from error


def collected(frame: DataFrame, what: str) -> pa.Table:
    """All rows of an engine's table, in any order; ``what`` they are is told in errors.

    Raises EngineError, RecordError.
    """
    with engine_errors(f"{what} could not be collected"):
        return frame.toArrow()


def _reason(told: str) -> str:
    """Of a traceback its last line, of a failed call its details, of all else the first line."""
    if found := _DETAILS.search(told):
        return found[1]
    lines = [line for line in told.splitlines() if line.strip()]
    if not lines:
        return "no reason was given"
    return lines[-1 if "Traceback (most recent call last)" in told else 0].strip()

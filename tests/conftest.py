"""Settings and fixtures of all tests."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import twins
from hypothesis import settings
from sphinx_built import build

from soak.postgres_server import PostgresServer, binaries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

if os.environ.get("DEDUPE_TWINS") == "1":  # before a test imports a kernel
    twins.install()
if built := os.environ.get("DEDUPE_KERNELS"):  # the checked build, see `make checked`
    twins.install_module(built)

os.environ["DEDUPE_CACHE"] = ""  # no test leaves what it fetched with the user

# Machines are shared: the time of one example says nothing.
settings.register_profile("steady", deadline=None)
# For the readable twins of kernels: what is run there was tested with all examples before.
settings.register_profile("interpreted", deadline=None, max_examples=25)
settings.load_profile("steady")


# In the background of a script a process ignores it, and so do those that it starts: here it acts.
signal.signal(signal.SIGINT, signal.default_int_handler)

WINDOWS = os.name == "nt"
# They import what uses locks, limits and terminals of POSIX.
FOR_POSIX = ["test_benchmarks*", "test_index_faults*", "test_index_processes*", "test_shown*"]
collect_ignore_glob = FOR_POSIX if WINDOWS else []


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips on Windows what is marked as of POSIX."""
    if WINDOWS and item.get_closest_marker("posix"):
        pytest.skip("Windows has no such signals, rights or terminals")


@pytest.fixture(scope="session")
def executor() -> Iterator[ThreadPoolExecutor]:
    """Two worker threads, as the pipeline has them."""
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server of PostgreSQL of this process's tests."""
    if binaries() is None:
        told = "PostgreSQL is missing, or psycopg: install Debian's postgresql, or the extra dev"
        if os.environ.get("DEDUPE_POSTGRES"):
            pytest.fail(told)
        pytest.skip(told)
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """The address of an index that is not there yet."""
    return postgres_server.url(schema=f"index_{uuid4().hex[:12]}")


@pytest.fixture
def ask(postgres_server: PostgresServer) -> Iterator[Callable[..., Any]]:
    """Asks the server of PostgreSQL something, past the store."""
    import psycopg

    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        yield connection.execute


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents as a site, as ``make site`` builds it."""
    for name in ("sphinx", "myst_parser", "furo", "sphinx_click"):
        pytest.importorskip(name, reason=f"{name} builds the site: it comes with the extra dev")
    return build("html", tmp_path_factory.mktemp("site"))

"""Settings and fixtures of all tests."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import twins
from hypothesis import settings
from sphinx_built import build

if TYPE_CHECKING:
    from collections.abc import Iterator
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
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents as a site, as ``make site`` builds it."""
    for name in ("sphinx", "myst_parser", "furo", "sphinx_click"):
        pytest.importorskip(name, reason=f"{name} builds the site: it comes with the extra dev")
    return build("html", tmp_path_factory.mktemp("site"))

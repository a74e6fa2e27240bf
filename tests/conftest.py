"""Settings and fixtures of all tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# The first call of a kernel compiles it, or loads it from disk: no measure of an example.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def executor() -> Iterator[ThreadPoolExecutor]:
    """Two worker threads, as the pipeline has them."""
    with ThreadPoolExecutor(2) as threads:
        yield threads

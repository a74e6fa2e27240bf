"""Where articles pass through: the filter for Python, the pipe for shells, the Scrapy pipeline."""

from __future__ import annotations

from dedupe.hooks.filter import Decision, Filter

__all__ = ["Decision", "Filter"]

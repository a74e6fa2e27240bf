"""Time zones as feeds, mail and pages name them.

An abbreviation means what the first of these rules says: RFC 5322 (the zones of the United
States); the time zone database as it is today; the database as it was, where the name had one
meaning. ``IST`` is India's, as most who write it are there. A name that none of them knows has no
offset: it is never taken for UTC.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_NAMES: dict[float, str] = {
    0: "utc gmt ut z wet",
    -4: "edt ast clt bot vet",
    -5: "est cdt cot pet",
    -6: "cst mdt",
    -7: "mst pdt",
    -8: "pst akdt",
    -9: "akst hdt",
    -10: "hst",
    -11: "sst",
    -3: "adt brt art uyt clst",
    -2: "brst uyst",
    -3.5: "nst",
    -2.5: "ndt",
    1: "cet bst west wat mez",
    2: "cest mest mesz eet cat sast",
    3: "eest msk мск idt eat trt",
    3.5: "irst",
    4: "msd azt samt",
    4.5: "aft",
    5: "pkt uzt tmt tjt yekt mvt",
    5.5: "ist",
    5.75: "npt",
    6: "kgt btt omst almt",
    6.5: "mmt",
    7: "wib ict krat hovt novt",
    8: "wita sgt myt hkt awst pht irkt ulat 北京时间 北京時間 台北時間 香港時間",
    9: "jst kst wit yakt 日本時間 日本標準時 한국시간",
    9.5: "acst",
    10: "aest chst vlat pgt",
    10.5: "acdt",
    11: "aedt magt",
    12: "nzst fjt",
    13: "nzdt",
}
"""Hours ahead of UTC, and who has them, in lower case."""
OFFSETS = {
    name: timedelta(hours=hours) for hours, names in _NAMES.items() for name in names.split()
}

_REGIONS = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
"""Names that leave open whether it is summer, which the day then says. Only capitals are meant."""
_REGION = re.compile(r"[A-Z][A-Za-z]{2,}(?:/[A-Z][A-Za-z0-9_+-]{1,30}){1,2}")

FURTHEST = timedelta(hours=14)
"""No clock on Earth is further from UTC."""


def is_zone(written: str) -> bool:
    """Whether a word is the name of a zone; one that may be another word is, in capitals."""
    return written in _REGIONS or (written.lower() in OFFSETS and not written.islower())


def offset_of(name: str, local: datetime) -> timedelta | None:
    """How far a zone's clocks are ahead of UTC at a ``local`` time without zone; None: unknown.

    ``name`` is an abbreviation, or a zone of the database such as ``Europe/Berlin``, as far as the
    machine has one.
    """
    found = OFFSETS.get(name.lower())
    region = _REGIONS.get(name, name)
    if found is not None or not _REGION.fullmatch(region):
        return found
    zone = _zone(region)
    return None if zone is None else local.replace(tzinfo=zone).utcoffset()


@lru_cache(maxsize=256)
def _zone(region: str) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(region)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None

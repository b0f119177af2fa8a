"""How values stand in columns: times as milliseconds UTC, lists as JSON, switches as 0 and 1."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def ms(moment: datetime) -> int:
    return (moment - EPOCH) // _MILLISECOND


def ms_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else ms(moment)


def ms_or_zero(moment: datetime | None) -> int:
    return 0 if moment is None else ms(moment)


def moment(value: int) -> datetime:
    return EPOCH + timedelta(milliseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    """0 stands for "never" in columns that are NOT NULL."""
    return moment(value) if value else None


def array(values: Iterable[object]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


@lru_cache(1_024)  # the topics of a source are read at each of its readings
def strings(value: str) -> tuple[str, ...]:
    return tuple(json.loads(value))

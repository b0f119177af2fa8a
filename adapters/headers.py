"""What the headers of an answer say: when to come again, what to send back, who keeps us out. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from multidict import MultiMapping

Headers = MultiMapping[str]

LONGEST_VALIDATOR = 1_024  # characters of an ETag or a Last-Modified worth sending back
LONGEST_ADVICE = timedelta(days=1)
DIRECTIVE = re.compile(r"([\w-]+)\s*(?:=\s*(?:\"([^\"]*)\"|([^\s,;\"]*)))?")


def fresh_for(headers: Headers) -> timedelta | None:
    """How long the site says there is nothing new: max-age, else Expires, else Retry-After. A day at most.

    RFC 9111 §4.2. `s-maxage` is for caches that many share, which we are not; the first of a repeated directive counts.
    """
    control = _directives(headers.getall("Cache-Control", []))
    if "no-store" in control or control.get("no-cache") == "":  # no-cache="Set-Cookie" speaks of that header only
        return None
    age = timedelta(seconds=max([0, *map(_whole, headers.getall("Age", []))]))
    if "max-age" in control:
        return _advice(timedelta(seconds=_whole(control["max-age"])) - age)
    now, expires = _moment(headers.get("Date")), _moment(headers.get("Expires"))
    if now and expires:
        return _advice(expires - now - age)
    return retry_after(headers)


def retry_after(headers: Headers) -> timedelta | None:
    """RFC 9110 §10.2.3: seconds or a date. A day at most; None: not said, or not sensible. The longest, if repeated."""
    date = _moment(headers.get("Date")) or datetime.now(UTC)
    waits = [_wait(text.strip(), date) for text in headers.getall("Retry-After", [])]
    return max((wait for wait in waits if wait), default=None)


def validator(text: str | None) -> str | None:
    return text if text and len(text) <= LONGEST_VALIDATOR else None


def is_challenge(status: int, headers: Headers) -> bool:
    """A wall against automatic readers that says so in a header, whatever the status it stands behind."""
    if "challenge" in headers.get("cf-mitigated", "").lower():
        return True
    if headers.get("x-amzn-waf-action", "").strip().lower() in ("challenge", "captcha"):  # comes with 202 or 405
        return True
    return status in (403, 405, 429, 503) and "x-datadome" in headers  # with 200 it only says who guards the site


def may_be_challenge(status: int) -> bool:
    """Only the page can tell: many walls have no header of their own, or a proxy has taken it away."""
    return status in (403, 429, 503)


def _directives(values: Sequence[str]) -> Mapping[str, str]:
    """Names in lower case; "" for one without a value."""
    found: dict[str, str] = {}
    for name, quoted, plain in DIRECTIVE.findall(", ".join(values)):
        found.setdefault(name.lower(), (quoted or plain).strip())
    return found


def _whole(text: str) -> int:
    """Seconds; 0 for what is not a number of them."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text.strip()) else 0


def _wait(text: str, date: datetime) -> timedelta | None:
    if seconds := _whole(text):
        return _advice(timedelta(seconds=seconds))
    at = _moment(text)
    return _advice(at - date) if at else None


def _advice(wait: timedelta) -> timedelta | None:
    return min(wait, LONGEST_ADVICE) if wait > timedelta() else None


def _moment(text: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(text or "")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None

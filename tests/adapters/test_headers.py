"""What headers say, and what they say that nobody should believe."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from adapters.headers import LONGEST_ADVICE, fresh_for, is_challenge, may_be_challenge, retry_after, validator

Fields = list[tuple[str, str]]
EIGHT = ("Date", "Wed, 02 Sep 2026 08:00:00 GMT")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["120"], timedelta(minutes=2)),
        ([" 120 "], timedelta(minutes=2)),
        (["Wed, 02 Sep 2026 08:10:00 GMT"], timedelta(minutes=10)),
        (["Wednesday, 02-Sep-26 08:10:00 GMT"], timedelta(minutes=10)),
        (["Wed, 02 Sep 2026 10:10:00 +0200"], timedelta(minutes=10)),
        (["999999999"], timedelta(days=1)),
        (["Wed, 02 Sep 2099 08:00:00 GMT"], timedelta(days=1)),
        (["60", "120"], timedelta(minutes=2)),
        (["soon", "120"], timedelta(minutes=2)),
        (["120", "-1"], timedelta(minutes=2)),
        ([], None),
        *(
            ([nonsense], None)
            for nonsense in ("", "0", "-5", "soon", "1e9", "1e308", "12.5", "nan", "inf", "٣", "0x10")
        ),
        *(([nonsense], None) for nonsense in ("99999999999", "9" * 400, "+60", "60;", "60, 120", "1_000")),
        (["Wed, 02 Sep 2020 08:00:00 GMT"], None),
        (["Wed, 99 Sep 2026 99:00:00 GMT"], None),
        (["Wed, 02 Sep 99999 08:00:00 GMT"], None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_a_day_at_most(texts: list[str], expected: timedelta | None) -> None:
    assert retry_after(CIMultiDict([EIGHT, *(("Retry-After", text) for text in texts)])) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("Cache-Control", "public, max-age=3600")], HOUR),
        ([("Cache-Control", "MAX-AGE = 3600")], HOUR),
        ([("cache-control", 'max-age="3600"')], HOUR),
        ([("Cache-Control", "public"), ("Cache-Control", "max-age=3600")], HOUR),
        ([("Cache-Control", "max-age=3600"), ("Cache-Control", "max-age=60")], HOUR),
        ([("Cache-Control", "max-age=3600, s-maxage=60")], HOUR),
        ([("Cache-Control", "s-maxage=60")], None),
        ([("Cache-Control", "x-max-age=60")], None),
        ([("Cache-Control", 'private="max-age=60"')], None),
        ([("Cache-Control", "no-cache, max-age=3600")], None),
        ([("Cache-Control", "max-age=3600"), ("Cache-Control", "no-store")], None),
        ([("Cache-Control", 'no-cache="Set-Cookie", max-age=3600')], HOUR),
        ([("Cache-Control", "max-age=-1")], None),
        ([("Cache-Control", "max-age=0")], None),
        ([("Cache-Control", "max-age=1e9")], None),
        ([("Cache-Control", "max-age=99999999999")], None),
        ([("Cache-Control", "max-age=999999999")], timedelta(days=1)),
        ([("Cache-Control", 'max-age="')], None),
        ([("Cache-Control", "max-age")], None),
        ([("Cache-Control", "max-age=3600"), ("Age", "600")], timedelta(minutes=50)),
        ([("Cache-Control", "max-age=3600"), ("Age", "3600")], None),
        ([("Cache-Control", "max-age=3600"), ("Age", "9999")], None),
        ([("Cache-Control", "max-age=3600"), ("Age", "-600")], HOUR),
        ([("Cache-Control", "max-age=3600"), ("Age", "old")], HOUR),
        ([("Cache-Control", "max-age=3600"), ("Age", "60"), ("Age", "600")], timedelta(minutes=50)),
        ([EIGHT, ("Expires", "Wed, 02 Sep 2026 09:00:00 GMT")], HOUR),
        ([EIGHT, ("Expires", "Wed, 02 Sep 2026 09:00:00 GMT"), ("Age", "600")], timedelta(minutes=50)),
        ([EIGHT, ("Expires", "Wed, 02 Sep 2026 07:00:00 GMT")], None),
        ([EIGHT, ("Expires", "0")], None),
        ([("Cache-Control", "max-age=60"), EIGHT, ("Expires", "Wed, 02 Sep 2026 09:00:00 GMT")], timedelta(minutes=1)),
        ([("Retry-After", "30")], timedelta(seconds=30)),
        ([], None),
    ],
)
def test_how_long_a_page_stays_fresh(fields: Fields, expected: timedelta | None) -> None:
    assert fresh_for(CIMultiDict(fields)) == expected


NAMES = st.sampled_from(["Cache-Control", "Retry-After", "Expires", "Date", "Age"])
VALUES = st.text(max_size=40) | st.integers().map(str) | st.from_regex(r"[\w-]+=\"?-?[0-9]*\"?(, )?", fullmatch=True)


@given(st.lists(st.tuples(NAMES, VALUES)))
def test_whatever_headers_say_we_wait_a_day_at_most(fields: Fields) -> None:
    for advice in (fresh_for(CIMultiDict(fields)), retry_after(CIMultiDict(fields))):
        assert advice is None or timedelta() < advice <= LONGEST_ADVICE


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        (403, [("cf-mitigated", "challenge")], True),
        (202, [("x-amzn-waf-action", "challenge")], True),
        (405, [("X-Amzn-Waf-Action", "captcha")], True),
        (403, [("x-datadome", "protected")], True),
        (200, [("x-datadome", "protected")], False),
        (404, [("x-datadome", "protected")], False),
        (200, [("x-amzn-waf-action", "count")], False),
        (403, [], False),
        (200, [("WWW-Authenticate", "Basic")], False),
    ],
)
def test_a_wall_against_readers_is_known_by_its_headers(status: int, fields: Fields, expected: bool) -> None:
    assert is_challenge(status, CIMultiDict(fields)) == expected


def test_only_refusals_are_worth_a_look_into_their_page() -> None:
    assert may_be_challenge(403)
    assert may_be_challenge(429)
    assert not may_be_challenge(404)


def test_a_validator_too_long_to_be_sent_back_is_forgotten() -> None:
    assert validator('"v1"') == '"v1"'
    assert validator("v" * 2_000) is None

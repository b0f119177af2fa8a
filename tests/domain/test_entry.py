"""The identity of an address: what makes two spellings one page, and what never does."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.entry import TRACKING, canonical, mended

PAGE = "https://exemple.test/a/b"

hosts = st.tuples(
    st.sampled_from([[], ["www"], ["m"], ["amp"], ["WWW"]]),
    st.lists(st.sampled_from(["exemple", "é", "test", "fr", "EX"]), min_size=1, max_size=3),
).map(lambda parts: [*parts[0], *parts[1]])
ports = st.sampled_from(["", ":", ":80", ":443", ":8080"])
segments = st.text(st.sampled_from("aZ09é ./%+~-_;,@:'\\|\"<>^`{}[]"), max_size=8)
names = st.sampled_from(["id", "ID", "page", "utm_source", "XTOR", "é", ""])
queries = st.lists(st.tuples(names, st.text(st.sampled_from("aé 1%+=;/?"), max_size=4)), max_size=4)
addresses = st.builds(
    lambda scheme, host, port, path, pairs, end: (
        f"{scheme}://{'.'.join(host)}{port}"
        + "".join(f"/{segment}" for segment in path)
        + ("?" + "&".join(f"{name}={value}" for name, value in pairs) if pairs else "")
        + end
    ),
    st.sampled_from(["http", "https", "HTTPS"]),
    hosts,
    ports,
    st.lists(segments, max_size=4),
    queries,
    st.sampled_from(["", "#", "#top", "#?a=1"]),
)


@given(address=addresses)
def test_the_identity_of_an_identity_is_itself(address: str) -> None:
    once = canonical(address)
    assert canonical(once) == once


@pytest.mark.parametrize("host", ["www.m.exemple.test", "m.www.exemple.test", "amp.m.exemple.test"])
def test_several_prefixes_in_a_row_all_go(host: str) -> None:
    assert canonical(f"https://{host}/a/b") == PAGE


@pytest.mark.parametrize(
    "spelling",
    [
        "http://exemple.test/a/b",
        "https://www.exemple.test/a/b",
        "https://m.exemple.test/a/b",
        "https://amp.exemple.test/a/b",
        "https://EXEMPLE.Test/a/b",
        "https://exemple.test./a/b",
        "https://exemple.test:443/a/b",
        "http://exemple.test:80/a/b",
        "https://exemple.test:/a/b",
        "https://exemple.test/a/b/",
        "https://exemple.test/a/b#comments",
        "https://exemple.test/a/./b",
        "https://exemple.test/a/x/../b",
        "https://exemple.test/../a/b",
        "https://exemple.test/a/b?",
        " https://exemple.test/a/b\n",
        "https://exemple.test/a/b?utm_source=x&fbclid=1#top",
    ],
)
def test_two_spellings_of_one_page_meet(spelling: str) -> None:
    assert canonical(spelling) == PAGE


@pytest.mark.parametrize(
    "other",
    [
        "https://autre.test/a/b",
        "https://exemple.test/A/b",
        "https://exemple.test/a/b.html",
        "https://exemple.test:8080/a/b",
        "https://actu.exemple.test/a/b",
        "https://exemple.test/a/b?id=1",
        "https://exemple.test/a",
        "https://exemple.test/a//b",
    ],
)
def test_two_pages_never_meet(other: str) -> None:
    assert canonical(other) != PAGE


@pytest.mark.parametrize("host", ["www.fr", "m.fr", "amp.dev"])
def test_a_site_whose_own_name_is_a_prefix_keeps_it(host: str) -> None:
    assert canonical(f"https://{host}/") == f"https://{host}"


@pytest.mark.parametrize("name", sorted(TRACKING))
def test_a_parameter_of_the_closed_list_is_dropped_in_any_case(name: str) -> None:
    assert canonical(f"{PAGE}?{name}=x&id=1&{name.upper()}=y") == f"{PAGE}?id=1"


@pytest.mark.parametrize("name", ["utm", "utm_other", "ref", "source", "ID", "xt"])
def test_an_unknown_parameter_may_be_the_page_itself_and_is_kept(name: str) -> None:
    assert canonical(f"{PAGE}?{name}=2939") == f"{PAGE}?{name}=2939"


def test_the_order_of_parameters_is_no_part_of_the_identity() -> None:
    assert canonical(f"{PAGE}?b=2&a=1") == canonical(f"{PAGE}?a=1&b=2") == f"{PAGE}?a=1&b=2"


def test_an_empty_parameter_is_kept() -> None:
    assert canonical(f"{PAGE}?print") == canonical(f"{PAGE}?print=") == f"{PAGE}?print="


def test_a_path_with_accents_meets_its_escaped_spelling() -> None:
    assert canonical("https://exemple.test/santé") == canonical("https://exemple.test/sant%C3%A9")


def test_an_international_name_is_kept_in_lower_case() -> None:
    assert canonical("https://Hôpital.test/A") == canonical("http://www.hôpital.test/A/") == "https://hôpital.test/A"


pieces = st.sampled_from(["www", "m", "amp", "a", "b-1", "1", "_", "~", ".", "..", "/", "?p=1", "?p=x", "?id=1", ":80"])


@given(rest=st.lists(pieces, max_size=8).map("".join), address=addresses)
def test_an_address_told_at_once_is_what_it_is_when_taken_apart(rest: str, address: str) -> None:
    for one in (f"http://{rest}", f"https://www.exemple.test{rest}", address):
        assert canonical(one) == mended(one)


@pytest.mark.parametrize(
    "text", ["", "x", "http://", "http://host:abc/", "http://host:99999/", "//", "mailto:a@b.test"]
)
def test_what_is_hardly_an_address_still_has_an_identity(text: str) -> None:
    assert canonical(text) == canonical(text + " ")


@pytest.mark.parametrize("text", ["http://[", "http://]/", "https://[abc]/", "http://\u2100.test/"])
def test_a_host_that_cannot_be_read_is_its_own_identity(text: str) -> None:
    assert canonical(text) == text


@pytest.mark.parametrize("text", [f"{PAGE}/\ud800", f"{PAGE}?a=\udfff", f"{PAGE}?\ud800=1"])
def test_a_lone_surrogate_does_not_stop_a_reading(text: str) -> None:
    canonical(text).encode()


@given(text=st.text(st.characters()) | st.builds("http://{}/{}?{}".format, *[st.text(st.characters())] * 3))
@example(text="http://[")
def test_no_address_raises(text: str) -> None:
    canonical(text)


def test_a_numeric_host_with_a_port_is_not_another_host() -> None:
    assert canonical("http://[::1]:8080/a") != canonical("http://[::1:8080]/a")

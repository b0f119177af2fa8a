"""Which addresses a source may live at."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.addresses import allowed, as_address, check_socket, check_url, is_public, networks
from bot.errors import FetchError

NOT_PUBLIC = (
    *("0.0.0.0", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254"),
    *("168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1"),
    *("192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:10.0.0.1"),
    *("::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1"),
    *("2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3ffe::1", "3fff::1", "5f00::1", "fc00::1"),
    *("fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"),
)
PUBLIC = (
    *("1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1"),
    *("2606:4700::1111", "2a01::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
)


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_an_address_that_is_not_of_the_internet_is_refused(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_internet_is_allowed(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_in_any_ipv6_clothes(ip: IPv4Address) -> None:
    for network in ("::ffff:0:0", "::ffff:0:0:0", "64:ff9b::"):
        assert is_public(IPv6Address(int(IPv6Address(network)) + int(ip))) == is_public(ip)


@given(st.ip_addresses())
def test_the_standard_library_never_knows_better_that_an_address_is_private(ip: IPv4Address | IPv6Address) -> None:
    if is_public(ip) and isinstance(ip, IPv4Address):
        assert ip.is_global


def test_a_network_the_operator_named_is_open_on_any_port() -> None:
    ours = networks(["10.1.0.0/16", "fd00::/8"])
    assert allowed(ip_address("10.1.2.3"), ours)
    assert allowed(ip_address("::ffff:10.1.2.3"), ours)
    assert not allowed(ip_address("10.2.2.3"), ours)
    check_socket(ip_address("10.1.2.3"), 9000, ours)
    with pytest.raises(FetchError) as refused:
        check_socket(ip_address("8.8.8.8"), 9000, ours)
    assert refused.value.code == "blocked-port"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "blocked-address"),
        ("http://2130706433/", "blocked-address"),
        ("http://0x7f.1/", "blocked-address"),
        ("http://0177.0.0.1/", "blocked-address"),
        ("http://017700000001/", "blocked-address"),
        ("http://0127.0.0.1/", "blocked-address"),  # 87.0.0.1 to a resolver
        ("http://00127.000.0.01./", "blocked-address"),
        ("http://012.0.0.1/", "blocked-address"),  # 10.0.0.1 to a resolver
        ("http://0192.168.1.1/", "blocked-address"),
        ("http://127.1/", "blocked-address"),
        ("http://127.0.0.1./", "blocked-address"),
        ("http://①②⑦.0.0.1/", "blocked-address"),
        ("http://127。0。0。1/", "blocked-address"),
        ("http://[::1]/", "blocked-address"),
        ("http://[::ffff:127.0.0.1]/", "blocked-address"),
        ("http://[fe80::1%25eth0]/", "blocked-address"),
        ("feed://169.254.169.254/latest/meta-data", "blocked-address"),
        ("http://8.8.8.8:22/", "blocked-port"),
        ("https://example.org:25/", "blocked-port"),
        ("http://example.org:0/", "blocked-port"),
        ("file:///etc/passwd", "blocked-scheme"),
        ("ftp://example.org/", "blocked-scheme"),
        ("gopher://example.org/", "blocked-scheme"),
        ("javascript:alert(1)", "blocked-scheme"),
        ("feed:file:///etc/passwd", "blocked-scheme"),
        ("javascript:alert( 1 )", "blocked-scheme"),
        ("data:text/xml,<rss version='2.0'>", "blocked-scheme"),
        ("http://[v1.x]/", "bad-url"),
        ("", "bad-url"),
        ("example.org", "bad-url"),
        ("http://", "bad-url"),
        ("http://%00/", "bad-url"),
        ("http://exa%6dple.org/", "bad-url"),
        ("http:///feed", "bad-url"),
        ("http://user:pass@example.org/", "bad-url"),
        ("http://user@example.org/", "bad-url"),
        ("http://example.org:abc/", "bad-url"),
        ("http://example.org:99999/", "bad-url"),
        ("http://exa mple.org/", "bad-url"),
        ("http://example.org\\@127.0.0.1/", "bad-url"),
        ("http://example.org/\r\nHost: x", "bad-url"),
        ("http://xn--/", "bad-url"),
        ("http://[::1/", "bad-url"),
        ("https://example.org/" + "a" * 2_048, "bad-url"),
    ],
)
def test_an_address_we_do_not_read_is_refused_before_anything_is_asked(url: str, code: str) -> None:
    with pytest.raises(FetchError) as refused:
        check_url(url, ())
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://example.org/feed.xml#top", "https://example.org/feed.xml"),
        ("feed:https://example.org/feed.xml", "https://example.org/feed.xml"),
        ("feed://example.org/feed.xml", "http://example.org/feed.xml"),
        ("HTTPS://Example.ORG/A", "https://example.org/A"),
        ("https://hôpital.example/", "https://xn--hpital-ixa.example/"),
        ("http://134744072/", "http://8.8.8.8/"),
        (" http://example.org:8080/ ", "http://example.org:8080/"),
    ],
)
def test_an_address_is_asked_for_in_its_plain_form(url: str, asked: str) -> None:
    assert str(check_url(url, ())) == asked


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(FetchError) as refused:
        check_url("https://somebody:hunter2@example.org/", ())
    assert "hunter2" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_one_clear_refusal(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}/", f"http://example.org/{text}"):
        try:
            checked = check_url(url, ())
        except FetchError:
            continue
        literal = as_address(checked.host or "")
        assert literal is None or is_public(literal)

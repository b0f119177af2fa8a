"""Where a source may live: addresses of the public internet, and the networks the operator names.

Pure. `ipaddress.is_private` misses shared address space, NAT64, 6to4 and cloud metadata, hence a table of our own,
after the IANA special-purpose registries (RFC 6890). Names are judged twice: here when they are addresses in disguise,
and by `HttpFetcher` when a socket is made, where neither DNS nor a redirect can show one address and use another.
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from yarl import URL

from bot.errors import FetchError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
LONGEST_URL = 2_048  # characters
PORTS = frozenset({80, 443, 8080, 8443})

NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "127.0.0.0/8"),  # this host
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # private
        "100.64.0.0/10",  # shared by the customers of a carrier; holds a cloud's metadata (100.100.100.200)
        "169.254.0.0/16",  # link-local; holds most clouds' metadata (169.254.169.254)
        "168.63.129.16/32",  # a public number that is a cloud's own agent
        *("192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24"),  # protocol assignments
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        *("224.0.0.0/4", "240.0.0.0/4"),  # multicast, reserved, broadcast
    )
)
PUBLIC_6 = IPv6Network("2000::/3")  # the only global unicast handed out; what lies outside is local, mapped or reserved
NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        *("2001:db8::/32", "3fff::/20"),  # documentation
        "2002::/16",  # 6to4: leads to any IPv4 address
        "2620:4f:8000::/48",  # protocol assignment
        "3ffe::/16",  # 6bone, given back in 2006
    )
)
EMBEDS_IPV4 = tuple(
    IPv6Network(network)
    for network in (
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
    )  # compatible, mapped, translated, NAT64
)


def is_public(ip: Address) -> bool:
    ip = _unwrapped(ip)
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in NOT_PUBLIC_4)
    return ip in PUBLIC_6 and not any(ip in network for network in NOT_PUBLIC_6)


def allowed(ip: Address, private_networks: Sequence[Network]) -> bool:
    return is_public(ip) or is_ours(ip, private_networks)


def is_ours(ip: Address, private_networks: Sequence[Network]) -> bool:
    """The operator named its network: any port is open there."""
    return any(ip in network or _unwrapped(ip) in network for network in private_networks)


def check_socket(ip: Address, port: int, private_networks: Sequence[Network]) -> None:
    """Before any connection. Raises FetchError."""
    if is_ours(ip, private_networks):
        return
    if not is_public(ip):
        hint = "a source may live there only if TOCSIN_PRIVATE_NETWORKS names its network"
        raise FetchError("blocked-address", f"{ip}: not an address of the public internet; {hint}")
    if port not in PORTS:
        raise FetchError("blocked-port", f"{ip} port {port}: only 80, 443, 8080 and 8443 are read; use one of them")


def check_url(text: str, private_networks: Sequence[Network]) -> URL:
    """The address to ask for: `feed:` replaced, host in ASCII, no fragment. Raises FetchError."""
    shown = text if len(text) <= 200 else f"{text[:200]}…"
    parts = _split(text, shown)
    host = parts.hostname or ""
    if not host:
        raise FetchError("bad-url", f"{shown!r}: names no host; write it like https://example.org/feed.xml")
    if parts.username is not None or parts.password is not None:
        # The address is not repeated: it may hold a password.
        raise FetchError("bad-url", f"an address on {host} holds a user name or password; remove them")
    try:
        url = URL(parts.geturl()).with_fragment(None)
        host = url.host or ""  # decodes a foreign name: may be refused here only
    except (ValueError, UnicodeError):
        raise FetchError("bad-url", f"{shown!r}: not an address a browser would take; correct it") from None
    if ("%" in host or "[" in parts.netloc) and ":" not in host:  # in brackets stands an IPv6 address, or nothing
        raise FetchError("bad-url", f"{shown!r}: not the name of a host; correct it")
    literal, port = as_address(host), url.port or 0
    for reading in (literal, _in_decimal(host)):
        if reading is not None:
            check_socket(reading, port, private_networks)
    if literal is not None:
        return url.with_host(str(literal))
    if port not in PORTS and not private_networks:  # else its real address decides, when the socket is made
        raise FetchError("blocked-port", f"{shown}: port {port} is not read; use 80, 443, 8080 or 8443")
    return url


def _split(text: str, shown: str) -> SplitResult:
    if len(text) > LONGEST_URL:
        raise FetchError("bad-url", f"{shown}: longer than {LONGEST_URL} characters; find a shorter address")
    scheme = SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("http", "https", "feed"):  # what follows keeps to rules of its own
        raise _blocked(shown)
    if re.search(r"[\x00-\x20\x7f\\]|[^\x00-\U0010ffff]|[\ud800-\udfff]", text.strip(" ")):
        raise FetchError("bad-url", f"{shown!r}: holds a space or a control character; correct it")
    try:
        parts = urlsplit(without_feed(text.strip(" ")))
        _ = parts.port  # raises for "host:abc"
    except ValueError as error:
        raise FetchError("bad-url", f"{shown!r}: not an address ({error}); correct it") from None
    if not parts.scheme:
        raise FetchError("bad-url", f"{shown!r}: no address of the web; write it like https://example.org/feed.xml")
    if parts.scheme not in ("http", "https"):
        raise _blocked(shown)
    return parts


def _blocked(shown: str) -> FetchError:
    return FetchError("blocked-scheme", f"{shown!r}: only http and https are read; give such an address")


def without_feed(url: str) -> str:
    """`feed:https://…` and `feed://…` are spellings of readers' links (there never was an RFC)."""
    scheme, colon, rest = url.partition(":")
    if not colon or scheme.lower() != "feed":
        return url
    return f"http:{rest}" if rest.startswith("//") else rest


def as_address(host: str) -> Address | None:
    """Also the spellings a resolver takes for an IPv4 address: `0x7f.1`, `017700000001`, `2130706433`."""
    bare = host.rstrip(".")
    try:
        return ip_address(bare)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(bare)) if re.fullmatch(r"[0-9a-fx.]+", bare, re.I) else None
    except OSError:
        return None


def _in_decimal(host: str) -> Address | None:
    """`0127.0.0.1` as a person reads it; to a resolver 0127 is octal. None: no such spelling."""
    try:
        return IPv4Address(re.sub(r"\b0+(?=\d)", "", host.rstrip(".")))
    except ValueError:
        return None


def networks(texts: Sequence[str | Network]) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


def _unwrapped(ip: Address) -> Address:
    if isinstance(ip, IPv6Address) and any(ip in network for network in EMBEDS_IPV4):
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip

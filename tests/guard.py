"""Tests reach 127.0.0.1, ::1 and Unix sockets; whatever else is asked of the network raises, in every thread.

An audit hook sees each connection of this process before it is made, whichever library makes it. What it refused is
also noted, because the code under test may well survive the refusal.
"""

import ipaddress
import socket
import sys
from collections.abc import Callable

refused: list[str] = []


class OutsideWorld(AssertionError):
    """A test asked for something beyond this machine."""


def install() -> None:
    """For the life of the process: an audit hook cannot be removed."""
    sys.addaudithook(_hook)


def is_here(host: object) -> bool:
    """An address of this machine, or nothing to look up. A name needs the network, but for localhost."""
    if host is None or host == "":
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _peer(arguments: tuple[object, ...]) -> object:
    connection, address = arguments[0], arguments[1]
    if isinstance(connection, socket.SocketType) and connection.family in (socket.AF_INET, socket.AF_INET6):
        return address[0] if isinstance(address, tuple) else None
    return None


def _looked_up(arguments: tuple[object, ...]) -> object:
    host = arguments[0]
    try:
        ipaddress.ip_address(host if isinstance(host, str) else "")
    except ValueError:
        return host
    return None  # a number needs no look-up


_HOSTS: dict[str, Callable[[tuple[object, ...]], object]] = {
    "socket.connect": _peer,
    "socket.sendto": _peer,
    "socket.sendmsg": _peer,
    "socket.getaddrinfo": _looked_up,
    "socket.gethostbyname": _looked_up,
    "socket.gethostbyaddr": _looked_up,
}


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    host_of = _HOSTS.get(event)
    if host_of is None or is_here(host := host_of(arguments)):
        return
    refused.append(f"{event} {host}")
    raise OutsideWorld(f"{event}: a test may not reach {host}")

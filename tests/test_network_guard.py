import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests import guard

OUTSIDE = ("192.0.2.1", 80)  # RFC 5737: an address of nobody


@pytest.fixture(autouse=True)
def _refusals_are_what_we_want(_stays_on_this_machine: None) -> Iterator[None]:
    yield
    assert guard.refused
    guard.refused.clear()


def _tcp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def _connect() -> None:
    with _tcp() as connection:
        connection.connect(OUTSIDE)


def _connect_ex() -> None:
    with _tcp() as connection:
        connection.connect_ex(OUTSIDE)


def _datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.sendto(b"x", OUTSIDE)


def _ipv6() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as connection:
        connection.connect(("2001:db8::1", 80))


def _mapped() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as connection:
        connection.connect(("::ffff:192.0.2.1", 80))


def _look_up() -> None:
    socket.getaddrinfo("example.org", 80)


@pytest.mark.parametrize("attempt", [_connect, _connect_ex, _datagram, _ipv6, _mapped, _look_up])
def test_the_outside_world_cannot_be_reached(attempt: Callable[[], None]) -> None:
    with pytest.raises(guard.OutsideWorld):
        attempt()


async def test_neither_from_a_loop() -> None:
    with pytest.raises(guard.OutsideWorld):
        await asyncio.open_connection(*OUTSIDE)


def test_a_refusal_is_noted_even_when_a_thread_swallows_it() -> None:
    def attempt() -> None:
        with suppress(AssertionError):
            _connect()

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert guard.refused == ["socket.connect 192.0.2.1"]


async def test_this_machine_can_be_reached() -> None:
    async with await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        await writer.wait_closed()
    assert not guard.refused
    guard.refused.append("as the fixture above asks")

"""Bodies as servers really pack them."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.unpack import Overflow, Unpacking
from bot.errors import FetchError
from tests.stands.origin import bomb

TEXT = b"<rss><channel>" + b"".join(b"<item><title>Fictif %d</title></item>" % n for n in range(900)) + b"</channel>"
ROOM = 2**20


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def unpacked(codings: str, data: bytes, size: int = 65_536) -> tuple[bytes, bool]:
    """(what came out, whether it was whole), fed `size` bytes at a time."""
    unpacking, out = Unpacking("http://site.example/", codings, ROOM), b""
    try:
        for at in range(0, len(data), size):
            for piece in unpacking.feed(data[at : at + size]):
                out += piece
    except zlib.error:
        return out, False
    return out, unpacking.finished


WHOLE = [
    ("", TEXT),
    ("identity", TEXT),
    ("gzip", gzip.compress(TEXT)),
    ("x-gzip", gzip.compress(TEXT)),
    ("GZIP", gzip.compress(TEXT)),
    ("gzip", zlib.compress(TEXT)),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", bare(TEXT)),
    ("deflate", gzip.compress(TEXT)),
    ("gzip, identity", gzip.compress(TEXT)),
    ("gzip, gzip", gzip.compress(gzip.compress(TEXT))),
    ("deflate,gzip", gzip.compress(zlib.compress(TEXT))),
    ("gzip, deflate", bare(gzip.compress(TEXT))),
    ("gzip", TEXT),
    ("deflate", TEXT),
    ("gzip, gzip", gzip.compress(TEXT)),
    ("gzip", gzip.compress(TEXT[:5_000]) + gzip.compress(TEXT[5_000:])),
    ("gzip", gzip.compress(TEXT) + b"\r\n<!-- cached -->" * 50),
    ("gzip", gzip.compress(TEXT) + b"\x1f"),
    ("gzip", gzip.compress(TEXT) + bytes(4_000)),
]


@pytest.mark.parametrize("size", [1, 7, 65_536])
@pytest.mark.parametrize(("codings", "data"), WHOLE)
def test_what_can_be_read_is_read(codings: str, data: bytes, size: int) -> None:
    assert unpacked(codings, data, size) == (TEXT, True)


@pytest.mark.parametrize("size", [1, 65_536])
@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(TEXT)[:-8],
        gzip.compress(TEXT)[:-4],
        gzip.compress(TEXT)[:-8] + b"\x00\x01\x02\x03" + gzip.compress(TEXT)[-4:],
        gzip.compress(TEXT)[:-4] + b"\x00\x01\x02\x03",
        gzip.compress(TEXT) + gzip.compress(TEXT)[:10],
        gzip.compress(TEXT) + b"\x1f\x8bgarbage that begins like a member",
    ],
)
def test_a_wrong_end_costs_nothing_of_what_came_before(data: bytes, size: int) -> None:
    assert unpacked("gzip", data, size) == (TEXT, False)


@pytest.mark.parametrize("size", [1, 65_536])
@pytest.mark.parametrize("codings", ["", "gzip"])
def test_a_file_that_was_packed_is_opened_and_its_end_is_known(codings: str, size: int) -> None:
    data = gzip.compress(TEXT)
    packed, cut = (gzip.compress(part) if codings else part for part in (data, data[:-9]))
    assert unpacked(codings, packed, size) == (TEXT, True)
    assert unpacked(codings, packed + b"garbage", size) == (TEXT, True)
    out, whole = unpacked(codings, cut, size)
    assert not whole
    assert TEXT.startswith(out)
    assert len(out) > 1_000


@pytest.mark.parametrize("data", [b"<", b"{", b"\0", b" \x1f\x8b", b"PK\3\4"])
def test_what_is_no_packed_file_comes_as_it_is(data: bytes) -> None:
    assert unpacked("", data, 1) == (data, True)


def test_a_cut_body_gives_its_beginning() -> None:
    out, whole = unpacked("gzip", gzip.compress(TEXT)[: len(gzip.compress(TEXT)) // 2])
    assert not whole
    assert len(out) > 1_000
    assert TEXT.startswith(out)


@pytest.mark.parametrize("codings", ["br", "zstd", "compress", "gzip, br", "aes128gcm", "*", "gzip;q=1", "é" * 99])
def test_a_coding_nobody_asked_for_is_refused_by_name(codings: str) -> None:
    with pytest.raises(FetchError) as refused:
        Unpacking("http://site.example/", codings, ROOM)
    assert refused.value.code == "bad-encoding"
    assert "http://site.example/" in str(refused.value)


def test_a_dozen_codings_are_refused() -> None:
    with pytest.raises(FetchError):
        Unpacking("http://site.example/", ",".join(["gzip"] * 12), ROOM)


@pytest.mark.parametrize("data", [b"\x00" * 50, b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xd8\x00\x01"])
def test_bytes_that_are_neither_packed_nor_text_give_nothing(data: bytes) -> None:
    assert unpacked("gzip", data) == (b"", False)


@pytest.mark.parametrize(
    ("codings", "data"),
    [
        ("gzip", bomb(8 * ROOM)),
        ("gzip, gzip", gzip.compress(bomb(64 * ROOM))),
        # Nothing comes out of the inner one; what goes into it has its own end.
        ("deflate, gzip", gzip.compress(b"\x00\x00\x00\xff\xff" * ROOM)),
    ],
)
def test_no_layer_gives_more_than_there_is_room_for(codings: str, data: bytes) -> None:
    out = 0
    with pytest.raises(Overflow):
        for piece in Unpacking("http://site.example/", codings, ROOM).feed(data):
            out += len(piece)
            assert out <= ROOM


@given(st.sampled_from(["gzip", "deflate", "gzip, deflate"]), st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_are_unpacked_or_refused(codings: str, data: bytes, size: int) -> None:
    unpacked(codings, data, size)
    unpacked(codings, gzip.compress(data)[:-3] + data, size)

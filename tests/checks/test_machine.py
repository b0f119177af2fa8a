"""The machine, and the places that are watched."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.checks.finding import State
from bot.checks.machine import of_disk, of_free, of_proxy
from bot.checks.sources import of_readings
from bot.locale.say import Say
from tests.storage.rows import a_source

SAY = Say("en")
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("mib", "state"), [(99, State.ERROR), (100, State.WARNING), (1_024, State.OK)])
def test_a_disk_that_fills_up_is_told_before_it_is_full(mib: int, state: State) -> None:
    assert of_free(mib, "/srv", SAY).state is state


def test_the_disk_of_a_folder_that_is_not_there_yet_is_that_of_the_nearest(tmp_path: Path) -> None:
    assert str(tmp_path) in of_disk(tmp_path / "a" / "b", SAY).sentence


async def test_a_proxy_that_answers_and_one_that_does_not() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert (await of_proxy(f"http://user:canary@127.0.0.1:{port}", SAY)).state is State.OK
    server.close()
    await server.wait_closed()
    finding = await of_proxy(f"http://user:canary@127.0.0.1:{port}", SAY)
    assert finding.state is State.ERROR
    assert "canary" not in finding.line()


def test_a_source_that_failed_long_enough_is_named_and_one_slip_is_not() -> None:
    well = a_source("a", fails=1, last_error="timeout")
    ill = a_source("b", fails=3, last_error="http-error:403")
    (finding,) = of_readings([well, ill], NOW, SAY)
    assert finding.state is State.WARNING
    assert "b:" in finding.sentence
    (finding,) = of_readings([well], NOW, SAY)
    assert (finding.state, finding.sentence) == (State.OK, "1 source watched, nothing to report")


def test_many_that_fail_are_counted_behind_the_first_ten() -> None:
    ill = [a_source(f"s{number}", fails=3, last_error="timeout") for number in range(14)]
    found = of_readings(ill, NOW + timedelta(), SAY)
    assert len(found) == 11
    assert "4 more" in found[-1].sentence

"""`/livez`, `/readyz`, `/metrics`, asked over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from adapters.web.health import Health, Metrics, measure_lateness


@asynccontextmanager
async def served(health: Health) -> AsyncIterator[aiohttp.ClientSession]:
    app = web.Application()
    app.add_routes(health.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
            yield session
    finally:
        await runner.cleanup()


async def test_a_living_process_says_so() -> None:
    async with served(Health()) as session, session.get("/livez") as answer:
        assert answer.status == 200


async def test_it_is_ready_only_when_nothing_speaks_against_it() -> None:
    reasons = ["telegram: not connected"]

    async def why() -> Sequence[str]:
        return tuple(reasons)

    async with served(Health(reasons=why)) as session:
        async with session.get("/readyz") as answer:
            assert answer.status == 503
            assert await answer.json() == {"ready": False, "reasons": ["telegram: not connected"]}
        reasons.clear()
        async with session.get("/readyz") as answer:
            assert answer.status == 200


async def test_metrics_tell_what_was_counted_set_and_observed() -> None:
    metrics = Metrics()

    async def refresh() -> None:
        metrics.set("sources", 7, state="ok")

    metrics.count("sent", platform="telegram")
    metrics.count("articles", 3, source="dsih")
    metrics.observe("send", 0.3, platform="telegram")
    async with served(Health(metrics=metrics, refresh=refresh)) as session, session.get("/metrics") as answer:
        text = await answer.text()
    assert 'tocsin_sent_total{platform="telegram"} 1.0' in text
    assert 'tocsin_articles_total{source="dsih"} 3.0' in text
    assert 'tocsin_sources{state="ok"} 7.0' in text
    assert 'tocsin_send_seconds_count{platform="telegram"} 1.0' in text


def test_two_bots_in_one_process_do_not_share_a_number() -> None:
    one, other = Metrics(), Metrics()
    one.count("readings", outcome="news")
    assert b'tocsin_readings_total{outcome="news"} 1.0' in one.text()
    assert b"tocsin_readings_total{" not in other.text()


def test_a_name_nobody_declared_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Metrics().count("what_is_this")


async def test_the_lateness_of_the_loop_is_measured() -> None:
    metrics = Metrics()
    async with asyncio.TaskGroup() as tasks:
        measuring = tasks.create_task(measure_lateness(metrics))
        async with asyncio.timeout(10):
            while b"tocsin_loop_lateness_seconds_count 0.0" in metrics.text():
                await asyncio.sleep(0.01)
        measuring.cancel()

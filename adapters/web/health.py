"""`/livez`, `/readyz`, `/metrics`: what a supervisor and a Prometheus ask of the process."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.errors import BotError, ConfigError
from bot.ports import Meter

LATENESS_EVERY = 0.25  # seconds between two looks at how late the event loop is
READY_TIMEOUT = 5.0  # seconds for all that is asked before an answer
LAST_WORDS = 0.2  # seconds a stop gives to open requests
_FINE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)  # seconds
_COARSE = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

Metric = Counter | Gauge | Histogram


class Metrics:
    """A `Meter` with a registry of its own: two bots in one process, or two tests, never share a number."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"tocsin_{name}", about, labels, registry=registry)

        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(f"tocsin_{name}", about, labels, registry=registry)

        def histogram(name: str, about: str, buckets: Sequence[float], *labels: str) -> Histogram:
            return Histogram(f"tocsin_{name}_seconds", about, labels, buckets=buckets, registry=registry)

        self._metrics: dict[str, Metric] = {
            "articles": counter("articles", "Articles that were new", "source"),
            "readings": counter("readings", "Readings of a source, by outcome (news, nothing, failed)", "outcome"),
            "source_failures": counter(
                "source_failures", "Failed readings, by source and error code", "source", "code"
            ),
            "sent": counter("sent", "Messages a platform accepted", "platform"),
            "edited": counter("edited", "Messages a platform let us edit", "platform"),
            "send_errors": counter("send_errors", "Sends that failed, by the type of the error", "platform", "error"),
            "commands": counter("commands", "Commands and presses answered", "platform", "name"),
            "errors": counter("errors", "Unexpected errors, by the job they stopped", "job"),
            "deliveries": gauge("deliveries", "Deliveries not ended well, by state", "platform", "state"),
            "sources": gauge("sources", "Sources, by state (ok, failing, disabled)", "state"),
            "ready": gauge("ready", "1: the platform is connected", "platform"),
            "delay": histogram("delay", "From a reading to the message", _COARSE, "platform"),
            "send": histogram("send", "Time a platform took to answer", _COARSE, "platform"),
            "reading": histogram("reading", "Time one reading of a source took", _COARSE),
            "loop_lateness": histogram("loop_lateness", "How late the event loop woke us", _FINE),
        }

    def count(self, name: str, /, by: float = 1, **labels: str) -> None:
        metric = self._labelled(name, labels)
        assert isinstance(metric, Counter), f"{name} is not counted"
        metric.inc(by)

    def set(self, name: str, value: float, /, **labels: str) -> None:
        metric = self._labelled(name, labels)
        assert isinstance(metric, Gauge), f"{name} is not set"
        metric.set(value)

    def observe(self, name: str, seconds: float, /, **labels: str) -> None:
        metric = self._labelled(name, labels)
        assert isinstance(metric, Histogram), f"{name} is not observed"
        metric.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def _labelled(self, name: str, labels: dict[str, str]) -> Metric:
        metric = self._metrics[name]
        return metric.labels(**labels) if labels else metric


async def measure_lateness(meter: Meter) -> None:
    """Runs until cancelled; whatever blocks the loop shows here first."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LATENESS_EVERY
        await asyncio.sleep(LATENESS_EVERY)
        meter.observe("loop_lateness", loop.time() - due)


async def serve(routes: Sequence[web.RouteDef], listen: tuple[str, int]) -> None:
    """Runs until cancelled. Raises ConfigError when the port cannot be had."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_WORDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, *listen).start()
        await asyncio.Event().wait()
    except OSError as error:
        raise ConfigError(
            f"TOCSIN_WEB_LISTEN: {listen[0]}:{listen[1]} cannot be used ({error.strerror});"
            " give another HOST:PORT, or nothing"
        ) from None
    finally:
        await runner.cleanup()


async def _nothing() -> Sequence[str]:
    return ()


async def _still() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`reasons` says why the bot is not ready, one sentence each, secrets left out; `refresh` sets the gauges."""

    metrics: Metrics = field(default_factory=Metrics)
    reasons: Callable[[], Awaitable[Sequence[str]]] = _nothing
    refresh: Callable[[], Awaitable[None]] = _still

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/livez", self._live),
            web.get("/readyz", self._ready),
            web.get("/metrics", self._metrics),
        ]

    async def _live(self, request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _ready(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                reasons = list(await self.reasons())
        except TimeoutError:
            reasons = [f"no answer within {READY_TIMEOUT:.0f} s"]
        return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)

    async def _metrics(self, request: web.Request) -> web.Response:
        with suppress(TimeoutError, BotError):  # a store that is away must not hide the counters that would show it
            async with asyncio.timeout(READY_TIMEOUT):
                await self.refresh()
        return web.Response(body=self.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

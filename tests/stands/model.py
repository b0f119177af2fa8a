"""A stand-in of an endpoint that speaks as OpenAI's does, as strict about what it is asked as the real ones are."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "canary-of-the-model-0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """One answer. `summary` is put where it belongs; `content` and `body` say something else in its place."""

    summary: str = "Le centre fictif forme ses équipes."
    content: str | None = None
    body: bytes | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    gate: asyncio.Event | None = None  # answer only once it is set


@dataclass
class ModelStand:
    """Gives `answers` in order, the last one again and again."""

    answers: list[Says] = field(default_factory=lambda: [Says()])
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    url: str = ""

    def texts(self) -> list[str]:
        return [json.loads(one["messages"][1]["content"])["text"] for one in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        assert body.keys() == {"model", "messages", "response_format", "temperature", "max_tokens", "stream"}
        assert body["response_format"]["type"] == "json_schema"
        assert [one["role"] for one in body["messages"]] == ["system", "user"]
        self.asked.append(body)
        self.keys.append(request.headers.get("Authorization", ""))
        says = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if says.gate is not None:
            await says.gate.wait()
        content = json.dumps({"summary": says.summary}) if says.content is None else says.content
        whole = {
            "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}]
        }
        said = json.dumps(whole).encode() if says.body is None else says.body
        if not says.cut:
            return web.Response(status=says.status, headers=dict(says.headers), body=said)
        response = web.StreamResponse(headers={"Content-Length": str(len(said))})
        await response.prepare(request)
        await response.write(said[: len(said) // 2])
        assert request.transport is not None
        request.transport.close()
        return response


@asynccontextmanager
async def model_stand(*answers: Says) -> AsyncIterator[ModelStand]:
    stand = ModelStand(answers=list(answers) or [Says()])
    app = web.Application()
    app.router.add_post("/v1/chat/completions", stand.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stand.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stand
    finally:
        await runner.cleanup()

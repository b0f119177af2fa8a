"""The stand-in's answers to interactions: the callback that comes first, the message it promised, what follows.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

import json
import time
from collections.abc import Sequence

from aiohttp import web

from bot.view import Attachment
from tests.stands import discord_rules as rules
from tests.stands import discord_world as world
from tests.stands.discord_book import Book
from tests.stands.discord_faults import Refused, answer, throttled
from tests.stands.discord_people import COMMAND, PRESS, PROPOSALS, SUBMIT
from tests.stands.discord_world import Interaction, Json, Message

ACKNOWLEDGE_WITHIN, ANSWER_WITHIN = 3.0, 900.0
MESSAGE, LATER, LATER_IN_PLACE, IN_PLACE, CHOICES, WINDOW = 4, 5, 6, 7, 8, 9
ALLOWED_CALLBACKS = {
    COMMAND: {MESSAGE, LATER, WINDOW},
    PRESS: {MESSAGE, LATER, LATER_IN_PLACE, IN_PLACE, WINDOW},
    SUBMIT: {MESSAGE, LATER, LATER_IN_PLACE, IN_PLACE},  # no window out of a window
    PROPOSALS: {CHOICES},
}


class Hooks:
    book: Book
    interactions: list[Interaction]
    hook_refusals: list[float]

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["id"], request.match_info["token"]
        interaction = next((one for one in self.interactions if (one.id, one.token) == wanted), None)
        waited = time.monotonic() - interaction.began if interaction else 0.0
        if interaction is None or waited > ACKNOWLEDGE_WITHIN:
            raise Refused(404, 10062, "Unknown interaction")
        if interaction.acknowledged is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        body, files = await body_of(request)
        kind, data = body.get("type"), body.get("data") or {}
        if kind not in ALLOWED_CALLBACKS[interaction.kind]:
            self.book.accept([f"callback: type {kind} does not answer an interaction of type {interaction.kind}"])
        if kind == CHOICES:
            self.book.accept(rules.choices_problems(data.get("choices", [])))
            interaction.choices = data["choices"]
        elif kind == WINDOW:
            self.book.accept(rules.window_problems(data))
            interaction.window = data
        elif kind in (MESSAGE, IN_PLACE):
            self.book.accept(rules.message_problems(data, ephemeral_allowed=True, files=len(files)))
        interaction.acknowledged, interaction.acknowledged_after = kind, waited
        interaction.ephemeral = bool(data.get("flags", 0) & rules.EPHEMERAL)
        if kind in (MESSAGE, LATER):
            is_later, ephemeral = kind == LATER, interaction.ephemeral
            interaction.original = self._say(interaction, data, files, loading=is_later, ephemeral=ephemeral)
        elif kind == IN_PLACE and interaction.original is not None:
            self.book.change(interaction.original, data, files)
        return web.Response(status=204)

    def _say(
        self,
        interaction: Interaction,
        body: Json,
        files: Sequence[Attachment] = (),
        *,
        loading: bool,
        ephemeral: bool,
    ) -> Message:
        for_whom = interaction.user if ephemeral else ""
        message = self.book.say(interaction.channel, body, ephemeral_for=for_whom, loading=loading, files=files)
        interaction.messages.append(message)
        return message

    def _of_hook(self, request: web.Request) -> Interaction:
        token, app = request.match_info["token"], request.match_info["app"]
        for one in self.interactions:
            if one.token == token and one.acknowledged is not None and app == world.APPLICATION:
                if self.hook_refusals:
                    raise throttled(self.hook_refusals.pop(), whole_lane=False)
                if time.monotonic() - one.began > ANSWER_WITHIN:
                    raise Refused(401, 50027, "Invalid Webhook Token")
                return one
        raise Refused(404, 10015, "Unknown Webhook")

    async def _follow_up(self, request: web.Request) -> web.StreamResponse:
        interaction = self._of_hook(request)
        body, files = await body_of(request)
        self.book.accept(rules.message_problems(body, ephemeral_allowed=True, files=len(files)))
        if interaction.original is not None and interaction.original.loading:
            self.book.change(interaction.original, body | {"flags": 0}, files)  # it takes the place of "thinking…"
            return answer(interaction.original.json())
        ephemeral = bool(body.get("flags", 0) & rules.EPHEMERAL)
        return answer(self._say(interaction, body, files, loading=False, ephemeral=ephemeral).json())

    def _original(self, request: web.Request) -> tuple[Interaction, Message]:
        interaction = self._of_hook(request)
        if interaction.original is None:
            raise Refused(404, 10008, "Unknown Message")
        return interaction, interaction.original

    async def _edit_original(self, request: web.Request) -> web.StreamResponse:
        _, original = self._original(request)
        body, files = await body_of(request)
        self.book.change(original, body, files)
        return answer(original.json())

    async def _delete_original(self, request: web.Request) -> web.StreamResponse:
        interaction, original = self._original(request)
        self.book.messages.remove(original)
        if original in interaction.messages:
            interaction.messages.remove(original)
        interaction.original = None
        return web.Response(status=204)


async def body_of(request: web.Request) -> tuple[Json, list[Attachment]]:
    """What was sent, and the files beside it."""
    if request.content_type == "multipart/form-data":
        fields = await request.post()
        files = [
            Attachment(name=one.filename, media_type=one.content_type, content=one.file.read())
            for name, one in fields.items()
            if isinstance(one, web.FileField) and name.startswith("files[") and name.endswith("]")
        ]
        return json.loads(str(fields["payload_json"])), files
    if request.headers.get("Content-Type") != "application/json":
        raise Refused(400, 50035, "Invalid Form Body")
    try:
        return dict(await request.json()), []
    except ValueError:
        raise Refused(400, 50109, "The request body contains invalid JSON.") from None

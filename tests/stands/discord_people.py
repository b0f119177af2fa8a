"""What people do on the stand-in: commands picked, buttons pressed, menus chosen from, windows filled in."""

import time
from typing import Any

from tests.stands import discord_world as world
from tests.stands.discord_book import Book
from tests.stands.discord_gateway import Gateway
from tests.stands.discord_world import Asker, Interaction, Json, Message

COMMAND, PRESS, PROPOSALS, SUBMIT = 2, 3, 4, 5


class People:
    """`who` are an Asker's fields, in all of them."""

    book: Book
    commands: list[Json]
    interactions: list[Interaction]
    gateway: Gateway

    async def command(self, name: str, options: Json, **who: Any) -> Interaction:
        """A person picks a command that is published: "latest", "tocsin subscribe"."""
        published = self._find(name)
        known = {option["name"]: option for option in published.get("options") or []}
        assert set(options) <= set(known), f"{name} has no option {set(options) - set(known)}"
        filled: list[Json] = [
            {"name": key, "type": known[key]["type"], "value": value} for key, value in options.items()
        ]
        return await self._interact(COMMAND, self._data(name, filled), Asker(**who))

    async def complete(self, name: str, option: str, text: str, **who: Any) -> Interaction:
        self._find(name)
        filled = [{"name": option, "type": 3, "value": text, "focused": True}]
        return await self._interact(PROPOSALS, self._data(name, filled), Asker(**who))

    async def pick(self, name: str, ref: str, **who: Any) -> Interaction:
        """A command of the message's own menu; the message travels along, whoever wrote it."""
        self._find(name)
        number, message = [one["name"] for one in self.commands].index(name), self._message(ref)
        told = {"id": message.id, "channel_id": message.channel, **message.json()}
        data = {
            "id": str(1_700_000_000_000_000_000 + number),
            "name": name,
            "type": 3,
            "target_id": ref,
            "resolved": {"messages": {ref: told}},
        }
        return await self._interact(COMMAND, data, Asker(**who))

    async def press(self, ref: str, custom_id: str, **who: Any) -> Interaction:
        """A forged meaning reaches the bot too: clients may send what they like."""
        data = {"custom_id": custom_id, "component_type": 2}
        return await self._interact(PRESS, data, Asker(**who), self._message(ref))

    async def choose(self, ref: str, value: str, **who: Any) -> Interaction:
        """From the menu of that message which offers it."""
        message = self._message(ref)
        menus = [one for row in message.body["components"] for one in row["components"] if one["type"] == 3]
        menu = next(one for one in menus if value in [option["value"] for option in one["options"]])
        data = {"custom_id": menu["custom_id"], "component_type": 3, "values": [value]}
        return await self._interact(PRESS, data, Asker(**who), message)

    async def fill(self, opened: Interaction, text: str, **who: Any) -> Interaction:
        """Sends the window that was the answer to that press; Discord lets nobody send too much, or nothing."""
        assert opened.window is not None, "no window opened"
        (label,) = opened.window["components"]
        field = label["component"]
        assert 1 <= len(text) <= field["max_length"], "the client would not send it"
        typed = {"type": 4, "id": 2, "custom_id": field["custom_id"], "value": text}
        data = {
            "custom_id": opened.window["custom_id"],
            "components": [{"type": 18, "id": 1, "component": typed}],
            "resolved": {},
        }
        return await self._interact(SUBMIT, data, Asker(**who), opened.pressed)

    def _message(self, ref: str) -> Message:
        return next(message for message in self.book.messages if message.id == ref)

    def _find(self, name: str) -> Json:
        level, found = self.commands, None
        for word in [name] if any(one["name"] == name for one in self.commands) else name.split():
            found = next((one for one in level if one["name"] == word), None)
            assert found is not None, f"{name} is not published"
            level = found.get("options") or []
        assert found is not None
        return found

    def _data(self, name: str, filled: list[Json]) -> Json:
        head, _, sub = name.partition(" ")
        number = [one["name"] for one in self.commands].index(head)
        options = [{"name": sub, "type": 1, "options": filled}] if sub else filled
        return {"id": str(1_700_000_000_000_000_000 + number), "name": head, "type": 1, "options": options}

    async def _interact(self, kind: int, data: Json, by: Asker, message: Message | None = None) -> Interaction:
        identity = self.book.new_id()
        interaction = Interaction(
            id=identity,
            token=f"interaction-token-{identity}",
            kind=kind,
            channel=by.place["id"],
            user=by.member["user"]["id"],
            began=time.monotonic(),
            original=message,
            pressed=message,
        )
        self.interactions.append(interaction)
        said = world.interaction_event(interaction, data, by)
        await self.gateway.emit("INTERACTION_CREATE", said | ({"message": message.json()} if message else {}))
        return interaction

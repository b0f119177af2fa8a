"""What has been said on the stand-in: messages, the nonces it remembers, and the ledger on disk."""

import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.view import Attachment
from tests.stands import discord_rules as rules
from tests.stands.discord_faults import Refused
from tests.stands.discord_world import Json, Message

NONCE_LIVES = 180.0  # seconds


class Book:
    def __init__(self, ledger: Path | None) -> None:
        self.messages: list[Message] = []
        self.problems: list[str] = []  # what was refused as malformed, in words
        self.dislikes_formatting = False  # every message with an embed is refused
        self._ledger = ledger.open("a", encoding="utf-8") if ledger else None
        self._nonces: dict[tuple[str, str], tuple[float, Message]] = {}
        self._last_id = 1_600_000_000_000_000_000

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()

    def new_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)

    def accept(self, problems: Iterable[str]) -> None:
        if found := list(problems):
            self.problems += found
            raise Refused(400, 50006 if found[0].startswith("50006") else 50035, "Invalid Form Body", errors=found)

    def post(self, channel: str, body: Json, files: Sequence[Attachment] = ()) -> Message:
        """The message; the one of before when its nonce is remembered."""
        nonce = str(body["nonce"]) if body.get("enforce_nonce") and body.get("nonce") is not None else None
        now = time.monotonic()
        if nonce is not None and (known := self._nonces.get((channel, nonce))) and now - known[0] < NONCE_LIVES:
            self._write("repeat", known[1])
            return known[1]
        message = self.say(channel, body, files=files)
        if nonce is not None:
            self._nonces[channel, nonce] = (now, message)
        return message

    def say(
        self,
        channel: str,
        body: Json,
        *,
        ephemeral_for: str = "",
        loading: bool = False,
        files: Sequence[Attachment] = (),
    ) -> Message:
        self._look_at(body)
        message = Message(
            id=self.new_id(),
            channel=channel,
            body=body,
            ephemeral_for=ephemeral_for,
            loading=loading,
            pings=rules.pings(body),
            files=[*files],
        )
        self.messages.append(message)
        if not loading:
            self._write("message", message)
        return message

    def find(self, channel: str, identity: str) -> Message:
        for message in self.messages:
            if (message.channel, message.id) == (channel, identity) and not message.ephemeral_for:
                return message
        raise Refused(404, 10008, "Unknown Message")

    def _look_at(self, body: Json) -> None:
        if self.dislikes_formatting and body.get("embeds"):
            raise Refused(400, 50035, "Invalid Form Body", errors={"embeds": {}})

    def change(self, message: Message, body: Json, files: Sequence[Attachment] = ()) -> None:
        self._look_at(body)
        if "flags" in body and body["flags"] & ~rules.SUPPRESS_EMBEDS:
            self.accept(["flags: not allowed in an edit"])
        if "message_reference" in body:
            self.accept(["message_reference: not allowed in an edit"])
        self.accept(rules.message_problems(message.body | body, ephemeral_allowed=True, files=len(files)))
        message.body = message.body | body
        message.files += files
        message.edits += not message.loading
        message.loading = False
        self._write("edit", message)

    def _write(self, kind: str, message: Message) -> None:
        """On disk before anybody is told."""
        if self._ledger is None:
            return
        entry = {
            "kind": kind,
            "id": message.id,
            "channel": message.channel,
            "nonce": message.body.get("nonce"),
            "text": rules.read_message(message.body),
            "pings": message.pings,
            "ephemeral": bool(message.ephemeral_for),
            "payload": message.body,
            "at": time.time(),
        }
        self._ledger.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._ledger.flush()

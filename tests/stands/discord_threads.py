"""The stand-in's threads: one a message, with the message's own number.

https://discord.com/developers/docs/resources/channel#start-thread-from-message
"""

import asyncio
from collections import Counter

from aiohttp import web

from tests.stands.discord_book import Book
from tests.stands.discord_faults import Fault, Refused, answer
from tests.stands.discord_hooks import body_of
from tests.stands.discord_world import channel_id, thread

FOLDS_AFTER = {60, 1440, 4320, 10080}


class Threads:
    book: Book
    threads: dict[str, int]  # thread → number

    def __init__(self) -> None:
        self.opened: dict[str, str] = {}  # message → the name of its thread
        self.asked_for: Counter[str] = Counter()  # message → how often a thread of it was asked for
        self.may_not_open: set[str] = set()  # channels
        self.late_threads = 0.0  # seconds between a thread and the answer that tells of it

    def _fault(self, channel: str) -> Fault | None:
        raise NotImplementedError

    def _enter(self, channel: str, fault: Fault | None) -> None:
        raise NotImplementedError

    async def _open_thread(self, request: web.Request) -> web.StreamResponse:
        channel, message = request.match_info["channel"], request.match_info["message"]
        body, _ = await body_of(request)
        self.asked_for[message] += 1
        fault = self._fault(channel)
        self._enter(channel, fault)
        if channel in self.threads:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        if channel in self.may_not_open:
            raise Refused(403, 50013, "Missing Permissions")
        self.book.find(channel, message)
        if unknown := set(body) - {"name", "auto_archive_duration"}:
            self.book.accept([f"thread: the stand-in does not know {unknown}"])
        if not 1 <= len(body.get("name", "").strip()) <= 100 or body["auto_archive_duration"] not in FOLDS_AFTER:
            self.book.accept(["thread: its name or its duration"])
        if message in self.opened:
            raise Refused(400, 160004, "A thread has already been created for this message")
        number = next(number for number in range(100_000) if channel_id(number) == channel)
        self.opened[message] = body["name"]
        self.threads[message] = number
        if fault is not None and fault.kind == "lose":
            assert request.transport is not None
            request.transport.abort()
        await asyncio.sleep(self.late_threads)
        return answer(thread(message, number), 201)

"""The rooms outlive the process, and a nonce stands for one message."""

import asyncio
from pathlib import Path

from adapters.platforms.console.ledger import Ledger, Line


def line(text: str, nonce: str = "", room: str = "telegram") -> Line:
    return Line(ref="", room=room, voice="bot", at=0, nonce=nonce, payload={"text": text})


def test_what_stood_stands_again_with_its_edits_and_reactions(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "rooms")
    ref = first.accept(line("avant")).ref
    first.accept(line("second", room="discord"))
    first.change(ref, {"text": "après"})
    first.react(ref, "🙈")
    again = Ledger(tmp_path / "rooms")  # the first one never closed: it was killed
    (kept,) = again.lines("telegram")
    assert (kept.payload, kept.edits, kept.reaction) == ({"text": "après"}, 1, "🙈")
    assert again.number == first.number
    first.close()
    again.close()


def test_a_nonce_is_one_message_also_after_a_kill(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "rooms")
    ref = first.accept(line("alerte", nonce="12-1")).ref
    again = Ledger(tmp_path / "rooms")
    assert again.accept(line("alerte", nonce="12-1")).ref == ref
    assert len(again.lines("telegram")) == 1
    first.close()
    again.close()


def test_half_a_line_was_not_accepted(tmp_path: Path) -> None:
    path = tmp_path / "rooms"
    first = Ledger(path)
    first.accept(line("entière"))
    first.close()
    with path.open("ab") as file:
        file.write(b'{"ref": "telegram-2", "ro')
    again = Ledger(path)
    again.accept(line("suivante"))
    again.close()
    last = Ledger(path)
    assert [one.payload["text"] for one in last.lines("telegram")] == ["entière", "suivante"]
    last.close()


def test_refs_are_not_used_twice(tmp_path: Path) -> None:
    ledger = Ledger()
    refs = [ledger.accept(line(str(n))).ref for n in range(3)]
    ledger.change(refs[0], {"text": "autre"})
    assert ledger.accept(line("x")).ref not in refs


def test_since_tells_each_change_once_as_it_stands_now() -> None:
    ledger = Ledger()
    ref = ledger.accept(line("un")).ref
    seen = ledger.number
    ledger.accept(line("deux"))
    ledger.change(ref, {"text": "un, corrigé"})
    ledger.change(ref, {"text": "un, corrigé"})  # the same again is no change
    assert [one.payload["text"] for one in ledger.since(seen)] == ["deux", "un, corrigé"]
    assert ledger.since(ledger.number) == []


async def test_who_waits_for_news_hears_of_them() -> None:
    ledger = Ledger()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(ledger.news(0))
        await asyncio.sleep(0)
        ledger.accept(line("nouvelle"))
    assert waiting.done()

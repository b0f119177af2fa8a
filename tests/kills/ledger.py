"""What really reached people, held against what was published: lost, doubled, astray, or not owned up to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.running import Room, Said, Town, sentence

REPEATS = tuple(sentence("post.repeats", language) for language in ("fr", "en"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One more message that says what an earlier one said. Both are places in the order of all messages."""

    first: int
    second: int
    chat: str
    owns_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Each line is a sentence; all of it empty: every article reached every room, as promised."""

    lost: Sequence[str]
    doubled: Sequence[str]
    silent_repeats: Sequence[str]
    astray: Sequence[str]
    repeats: int  # how often Telegram was told twice, and told so

    @property
    def faults(self) -> Sequence[str]:
        return [*self.lost, *self.doubled, *self.silent_repeats, *self.astray]


def judge(
    town: Town, rooms: Sequence[Room], titles: Mapping[str, Sequence[str]], kills: Sequence[int], width: int
) -> Verdict:
    """`titles`: by slug. `kills`: how many messages Telegram had taken at each kill. `width`: chats served at once."""
    lost: list[str] = []
    doubled: list[str] = []
    copies: list[Copy] = []
    ledgers = {platform: town.said(platform) for platform in ("telegram", "discord")}
    for room in rooms:
        said, chat = ledgers[room.platform], room.where.address.chat
        for title in (title for slug in room.wants for title in titles[slug]):
            places = [place for place, one in enumerate(said) if one.chat == chat and title in one.text]
            if not places:
                lost.append(f"{room.platform} {room.number}: {title} never came")
            elif room.platform == "discord" and len(places) > 1:
                doubled.append(f"discord {room.number}: {title} came {len(places)} times")
            elif room.platform == "telegram":
                copies += [
                    Copy(first=first, second=second, chat=chat, owns_up=said[second].text.startswith(REPEATS))
                    for first, second in pairwise(places)
                ]
    said = ledgers["telegram"]
    blamed = Counter(_kill_of(copy, said, kills) for copy in copies)
    doubled += [f"telegram: {count} doubles that no kill explains" for kill, count in blamed.items() if kill is None]
    doubled += [
        f"telegram: {count} doubles by kill {kill}, {width} at most were on their way"
        for kill, count in blamed.items()
        if kill is not None and count > width
    ]
    return Verdict(
        lost=lost,
        doubled=doubled,
        silent_repeats=[f"says nothing of being a repeat: {said[c.second].text!r}" for c in copies if not c.owns_up],
        astray=list(_astray(town, rooms, titles)),
        repeats=len(copies),
    )


def _kill_of(copy: Copy, said: Sequence[Said], kills: Sequence[int]) -> int | None:
    """The kill that came while the first message was on its way: nothing was said in that chat between the two."""
    for number, taken in enumerate(kills):
        if copy.first < taken <= copy.second:
            later = [place for place in range(copy.first + 1, taken) if said[place].chat == copy.chat]
            return None if later else number
    return None


def _astray(town: Town, rooms: Sequence[Room], titles: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Articles in a room that never asked for their source."""
    found = []
    for room in rooms:
        unwanted = [title for slug, known in titles.items() if slug not in room.wants for title in known]
        for one in town.said(room.platform, room.where.address.chat):
            found += [
                f"{room.platform} {room.number}: {title} is not for it" for title in unwanted if title in one.text
            ]
    return found

"""A desk on a world of tests, and the shortest way to type and press."""

from dataclasses import dataclass, field

from bot.commands import BY_NAME
from bot.commands.call import Desk
from bot.commands.talk import Talk
from bot.domain.command import Command, Person, Press, Reply, Rights
from bot.invitations import Invitations
from bot.people import People
from bot.pipeline.feeds import Feeds
from bot.roles import new_code
from bot.view import Action, Actions, Options, View
from tests.fakes import KEY, NoMeter, World, where, words

ADMIN = Person(platform="telegram", id="1", name="Alix", language="fr", rights=Rights.ADMIN)
MEMBER = Person(platform="telegram", id="2", name="Sacha", language="fr", rights=Rights.MEMBER)
OTHER = Person(platform="telegram", id="3", name="Camille", language="en", rights=Rights.MEMBER)


def desk_on(world: World) -> Desk:
    store = world.store
    agenda = world.agenda
    feeds = Feeds(
        db=world.db,
        tokens=store.tokens,
        channels=store.channels,
        agenda=agenda,
        cpu=world.intake.reading.cpu,
        clock=world.clock,
        key=KEY,
    )
    return Desk(
        db=world.db,
        sources=store.sources,
        articles=store.articles,
        stories=store.stories,
        search=store.search,
        channels=store.channels,
        subscriptions=store.subscriptions,
        mutes=store.mutes,
        withdrawing=world.intake.withdrawing,
        outbox=store.outbox,
        acks=store.acks,
        votes=store.votes,
        saved=store.saved,
        shares=store.shares,
        sharing=world.sharing,
        tokens=store.tokens,
        persons=store.persons,
        agenda=agenda,
        letters=world.letters,
        trends=store.trends,
        feeds=feeds,
        audit=store.audit,
        holds=store.holds,
        notices=world.intake.notices,
        matching=world.matching,
        invitations=Invitations({"telegram": world.platform}),
        places=world.places,
        people=People(KEY),
        clock=world.clock,
        key=KEY,
        code=new_code,
        web_url=world.web_url,
        approval=world.approval,
    )


@dataclass
class Chat:
    """One chat with the bot, as the core sees it. A new one on the same world is a restart."""

    world: World
    name: str = "g1"
    is_group: bool = True
    operators: frozenset[tuple[str, str]] = frozenset()
    talk: Talk = field(init=False)

    def __post_init__(self) -> None:
        self.talk = Talk(
            desk=desk_on(self.world),
            platforms={"telegram": self.world.platform},
            operators=self.operators,
            meter=NoMeter(),
        )

    async def say(self, text: str, person: Person = ADMIN) -> Reply:
        name, _, rest = text.removeprefix("/").partition(" ")
        arguments = BY_NAME[name].spec.read(rest) if name in BY_NAME else {}
        at = where(self.name, is_group=self.is_group)
        reply = await self.talk.handle(Command(name=name, arguments=arguments, where=at, person=person))
        assert isinstance(reply, Reply)
        return reply

    async def press(self, data: str, person: Person = ADMIN, *, text: str = "", ref: str = "") -> Reply:
        at = where(self.name, is_group=self.is_group)
        reply = await self.talk.handle(Press(data=data, where=at, person=person, text=text, message_ref=ref))
        assert isinstance(reply, Reply)
        return reply


def actions(reply: Reply) -> list[Action]:
    """Every button one can see, menus included."""
    found: list[Action] = list(reply.menu)
    for block in reply.view.blocks if reply.view is not None else ():
        if isinstance(block, Actions):
            found += block.actions
        elif isinstance(block, Options):
            found += block.options
    return found


def button(reply: Reply, label: str) -> str:
    """What the button that says so means."""
    (action,) = [one for one in actions(reply) if plain(one.label) == label]
    return action.press


def plain(label: str) -> str:
    """No-break spaces as the spaces they look like."""
    return label.replace("\u00a0", " ").replace("\u202f", " ")


def said(reply: Reply) -> str:
    view = reply.view or View(blocks=())
    return words(view) or reply.notice

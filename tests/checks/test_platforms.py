"""A token that is accepted, and chats that take no message: each trouble has its sentence, and nothing is changed."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.platforms.discord.client import Discord
from adapters.platforms.discord.client import build as build_discord
from adapters.platforms.telegram.client import Telegram
from adapters.platforms.telegram.client import build as build_telegram
from bot.checks.finding import Finding, State
from bot.checks.platforms import Inspected, of_chats, of_token
from bot.domain.channel import Address, Channel, ChannelState
from bot.locale.say import Say
from tests.stands import bot_api, discord_api, discord_world, telegram_world
from tests.stands.bot_api import BotApi
from tests.stands.discord_api import DiscordApi

SAY = Say("en")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api.running() as running:
        yield running


@pytest.fixture
async def server() -> AsyncIterator[DiscordApi]:
    async with discord_api.running() as running:
        yield running


def on_telegram(api: BotApi) -> Telegram:
    return build_telegram(token=api.token, api_url=api.url)


def on_discord(server: DiscordApi) -> Discord:
    return build_discord(token=server.token, api_url=server.api_url)


def group(number: int = 0) -> Channel:
    at = Address(platform="telegram", chat=str(telegram_world.chat_id(number)))
    return Channel(address=at, community=f"telegram:{at.chat}", lane="telegram", title=f"Groupe {number}")


def room(number: int = 0, thread: str = "") -> Channel:
    at = Address(platform="discord", chat=discord_world.channel_id(number), thread=thread)
    return Channel(address=at, community=f"discord:{discord_world.server_id(number)}", lane="discord")


async def of_one(platform: Inspected, channel: Channel) -> Finding:
    (finding,) = [one async for one in of_chats(platform, [channel], SAY)]
    return finding


async def remarks(platform: Inspected) -> list[str]:
    return [one.sentence async for one in of_token(platform, SAY, is_running=False)]


# -- the token --------------------------------------------------------------------------------------------------------


async def test_a_token_with_nothing_odd_about_it_has_no_remark(api: BotApi, server: DiscordApi) -> None:
    api.say("/aide")  # an update that waits: the poll returns at once
    assert await remarks(on_telegram(api)) == []
    assert await remarks(on_discord(server)) == []


async def test_a_webhook_that_was_left_is_told_and_stays(api: BotApi) -> None:
    api.has_webhook = True
    (sentence,) = await remarks(on_telegram(api))
    assert "webhook" in sentence
    assert api.has_webhook


async def test_a_second_program_on_the_same_token_is_told(api: BotApi) -> None:
    api.poll_elsewhere()
    (sentence,) = await remarks(on_telegram(api))
    assert "another program" in sentence


async def test_no_update_is_taken_from_whoever_runs_next(api: BotApi) -> None:
    api.say("/aide")
    await remarks(on_telegram(api))
    assert len(api.updates.waiting) == 1


async def test_a_bot_that_hears_all_and_one_that_nobody_can_add_are_told(api: BotApi) -> None:
    api.me = {"can_read_all_group_messages": True, "can_join_groups": False}
    api.say("/aide")
    assert len(await remarks(on_telegram(api))) == 2


async def test_the_bot_that_runs_here_is_not_disturbed(api: BotApi) -> None:
    (finding,) = [one async for one in of_token(on_telegram(api), SAY, is_running=True)]
    assert finding.state is State.OK
    assert api.requests == []


# -- the chats --------------------------------------------------------------------------------------------------------


async def test_where_the_bot_may_write_all_is_well(api: BotApi, server: DiscordApi) -> None:
    api.chat(0)
    for platform, channel in ((on_telegram(api), group()), (on_discord(server), room())):
        finding = await of_one(platform, channel)
        assert (finding.state, finding.sentence) == (State.OK, "1 known channel, the bot may write there")


@pytest.mark.parametrize("how", ["restricted", "everybody", "channel"])
async def test_a_telegram_chat_that_lets_it_say_nothing_is_named_with_the_right(api: BotApi, how: str) -> None:
    chat = api.chat(0)
    chat.may_write = how == "everybody"
    chat.everybody_may_write = how != "everybody"
    chat.kind = "channel" if how == "channel" else "supergroup"
    finding = await of_one(on_telegram(api), group())
    assert finding.state is State.WARNING
    assert "Groupe 0" in finding.sentence
    assert ("can_post_messages" if how == "channel" else "can_send_messages") in finding.sentence


@pytest.mark.parametrize(
    ("rules", "thread", "lacks"),
    [
        ([{"id": discord_world.server_id(0), "type": 0, "deny": str(1 << 11), "allow": "0"}], "", "send_messages"),
        ([{"id": discord_world.server_id(0), "type": 0, "deny": str(1 << 14), "allow": "0"}], "", "embed_links"),
        ([], "77", "send_messages_in_threads"),
        (
            [
                {"id": discord_world.server_id(0), "type": 0, "deny": "0", "allow": str(1 << 38)},
                {"id": discord_world.BOT, "type": 1, "deny": str(1 << 10), "allow": "0"},
            ],
            "77",
            "view_channel",
        ),
    ],
)
async def test_a_discord_channel_that_takes_a_right_away_is_named_with_it(
    server: DiscordApi, rules: list[dict[str, object]], thread: str, lacks: str
) -> None:
    server.overwrites = rules
    finding = await of_one(on_discord(server), room(thread=thread))
    assert finding.state is State.WARNING
    assert finding.sentence.endswith(f"it lacks: {lacks}")


async def test_what_the_server_forbids_everybody_may_be_given_to_the_bot_alone(server: DiscordApi) -> None:
    server.overwrites = [
        {"id": discord_world.server_id(0), "type": 0, "deny": str(1 << 11), "allow": "0"},
        {"id": discord_world.BOT, "type": 1, "deny": "0", "allow": str(1 << 11)},
    ]
    assert (await of_one(on_discord(server), room())).state is State.OK


async def test_a_chat_that_put_the_bot_out_is_named(api: BotApi, server: DiscordApi) -> None:
    api.kick(0)
    server.kick(0)
    for platform, channel in ((on_telegram(api), group()), (on_discord(server), room())):
        finding = await of_one(platform, channel)
        assert finding.state is State.WARNING
        assert "no longer in" in finding.sentence


async def test_one_that_we_know_to_be_gone_and_another_platforms_are_not_asked_about(api: BotApi) -> None:
    gone = replace(group(), state=ChannelState.GONE)
    assert [one async for one in of_chats(on_telegram(api), [gone, room()], SAY)] == []
    assert api.requests == []


async def test_a_platform_that_stops_answering_leaves_its_chats_unknown(api: BotApi) -> None:
    platform = on_telegram(api)
    api.chat(0)
    api.reject_token()
    finding = await of_one(platform, group())
    assert (finding.state, finding.sentence) == (State.WARNING, "1 channel could not be checked")

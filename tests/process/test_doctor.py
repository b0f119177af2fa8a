"""`tocsin doctor` as it is typed: an installation with both platforms, some chats well and some not."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.stands import bot_api, discord_api, discord_world, telegram_world

ROOT = Path(__file__).parents[2]
CHANNELS = f"""
format = 1
[[channel]]
platform = "telegram"
chat = "{telegram_world.chat_id(0)}"
title = "Groupe muet"
[[channel]]
platform = "telegram"
chat = "{telegram_world.chat_id(1)}"
[[channel]]
platform = "discord"
chat = "{discord_world.channel_id(0)}"
community = "discord:{discord_world.server_id(0)}"
"""


async def tocsin(folder: Path, env: dict[str, str], *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TOCSIN_LANGUAGE": "en", **env},
    )
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_it_tells_what_is_well_and_what_is_not_and_never_a_token(tmp_path: Path) -> None:
    async with bot_api.running() as telegram, discord_api.running() as discord:
        telegram.chat(0).may_write = False
        telegram.chat(1)
        telegram.has_webhook = True
        env = {
            "TOCSIN_TELEGRAM_TOKEN": telegram.token,
            "TOCSIN_TELEGRAM_API_URL": telegram.url,
            "TOCSIN_DISCORD_TOKEN": discord.token,
            "TOCSIN_DISCORD_API_URL": discord.api_url,
        }
        (tmp_path / "c.toml").write_text(CHANNELS)
        assert (await tocsin(tmp_path, {}, "config", "import", "c.toml"))[0] == 0
        code, said = await tocsin(tmp_path, env, "doctor", "--json")
    report: Any = json.loads(said)
    found = [(one["check"], one["state"], one["sentence"]) for one in report["checks"]]
    assert (code, report["state"]) == (1, "warning")
    assert ("clock", "ok", "the clock is right") in found
    assert ("discord", "ok", "1 known channel, the bot may write there") in found
    of_telegram = [(state, sentence) for check, state, sentence in found if check == "telegram"]
    assert [state for state, _ in of_telegram] == ["ok", "warning", "warning", "ok"]
    assert "webhook" in of_telegram[1][1]
    assert "Groupe muet" in of_telegram[2][1]
    assert telegram.token not in said and discord.token not in said

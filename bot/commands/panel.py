"""panel / panneau: where this chat's web page will be, and what does its work until then; for the asker alone."""

from bot.commands.call import Call
from bot.domain.command import CommandSpec, Reply

SPEC = CommandSpec(name="panel", fr="panneau", admin=True)


async def answer(call: Call) -> Reply:
    if url := call.desk.web_url:
        return call.text("panel.at", url=url)
    return call.text("panel.nowhere")

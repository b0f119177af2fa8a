"""mydata / mesdonnees: a copy of all that is kept of the asker, as a JSON file, for them alone."""

import json

from bot.commands.call import Call
from bot.domain.command import Audience, CommandSpec, Reply
from bot.view import Attachment, Text, View

SPEC = CommandSpec(name="mydata", fr="mesdonnees")


async def answer(call: Call) -> Reply:
    desk = call.desk
    data = dict(await desk.persons.data(desk.db, call.hash, f"{call.person.platform}:{call.person.id}"))
    for named in ("taken", "mutes", "shares"):
        data[named] = [{**row, "name": desk.people.unseal(row["name"])} for row in data[named]]
    document = {"made_at": call.now.isoformat(timespec="seconds"), "platform": call.person.platform, **data}
    file = Attachment(
        name="tocsin-mes-donnees.json" if call.say.language == "fr" else "tocsin-my-data.json",
        media_type="application/json",
        content=json.dumps(document, ensure_ascii=False, indent=2).encode(),
    )
    said = call.say("mydata.text" if any(data.values()) else "mydata.nothing")
    return Reply(view=View(blocks=(Text(text=said),), silent=True), files=(file,), audience=Audience.ASKER)

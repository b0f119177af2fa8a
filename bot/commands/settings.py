"""settings / reglages: language, time zone, quiet hours, letters, what follows an alert; by buttons, or typed at once.

A button says `set:<name>.<value>`, so it needs no state: pressed again it sets the same again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import available_timezones

from bot.commands.call import Asked, Call, Pressed
from bot.commands.pause import said_pause
from bot.commands.undo import changed, settings_before
from bot.domain.channel import LATEST_NUDGE, SOONEST_NUDGE, Channel, settings_of, with_settings
from bot.domain.command import Argument, CommandSpec, Form, Reply
from bot.domain.reminder import OFFSETS
from bot.domain.words import fold
from bot.errors import UserError
from bot.locale.say import LANGUAGES, Say
from bot.view import Action, Actions, Block, Headline, Note, Options, Text, View
from bot.view import Facts as Rows

SPEC = CommandSpec(
    name="settings", fr="reglages", arguments=(Argument(name="name"), Argument(name="value")), admin=True, public=True
)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
# How a day is typed: any beginning of its name, in either language, long enough to be that day's alone.
DAY_NAMES: Mapping[str, int] = {
    name: number for number, names in enumerate(zip(DAYS, JOURS, strict=True)) for name in names
}
# A hospital's own clock: metropolitan and overseas France
ZONES = (
    *("Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "America/Miquelon"),
    *("Indian/Reunion", "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis"),
)
QUIET = ("22:00-07:00", "20:00-08:00", "19:00-08:30")
# French names beside the English ones
ALIASES = {"langue": "language", "fuseau": "timezone", "silence": "quiet", "calme": "quiet"}
ALIASES |= {"rappels": "reminders", "rappel": "reminders", "reminder": "reminders"}
ALIASES |= {"feries": "holidays", "ferie": "holidays", "holiday": "holidays"}
ALIASES |= {"lettre": "letter", "courts": "short", "longs": "long", "mention": "role"}
ALIASES |= {"relance": "nudge", "relances": "nudge", "nudges": "nudge", "fils": "threads", "fil": "threads"}
SHOWN = {"heures calmes": "quiet", "quiet hours": "quiet", "jours feries": "holidays", "public holidays": "holidays"}
OFF = ("off", "non", "aucun", "aucune", "jamais", "none", "no")
ON = ("", "on", "yes", "oui")
LARGEST_ROLE = 2**63 - 1  # of the numbers Discord gives
NUDGES = ("15", "30", "60")  # minutes
MINUTE = timedelta(minutes=1)
ASKED = {"quiet": "quiet", "daily": "daily", "weekly": "weekly", "zone": "timezone"}  # a form asks for its value
ASKED |= {"nudge": "nudge"}


async def answer(call: Call) -> Reply:
    name, value = call.argument("name"), call.argument("value")
    if not name:
        return Reply(view=overview(call), audience=call.audience)
    key, text = read_setting(*_split(name, value))
    if key == "role" and text and call.where.community == f"discord:{text}":  # on Discord, everybody's role
        raise UserError("settings.error.role", value=value[:60])
    return Reply(view=await _set(call, {key: text}), audience=call.audience)


async def pressed(press: Pressed) -> Reply:
    name, _, value = press.reference.partition(".")
    if name == "list":
        return Reply(view=overview(press), replaces=True)
    if name == "choose":
        return Reply(view=_choices(press, value), replaces=True)
    if name == "ask" and value in ASKED and not press.text:
        return Reply(form=_form(press, value))
    key, text = _meant(name, value, press.text)
    return Reply(view=await _set(press, {key: text}), replaces=True)


def _meant(name: str, value: str, typed: str) -> tuple[str, str]:
    """What a button sets. Raises UserError."""
    place = int(value) if value.isdecimal() else -1
    match name:
        case "ask" if value in ("daily", "weekly"):
            return read_setting("letter", f"{value} {typed}")
        case "ask" if value in ASKED:
            return read_setting(ASKED[value], typed)
        case "quiet":
            return read_setting("quiet", QUIET[place] if 0 <= place < len(QUIET) else "off")
        case "zone" if 0 <= place < len(ZONES):
            return "timezone", ZONES[place]
        case "nudge":
            return read_setting("nudge", NUDGES[place] if 0 <= place < len(NUDGES) else "off")
        case "language" | "long" | "threads" | "holidays":
            return read_setting(name, value)
        case _:
            raise UserError("error.expired")


def _split(name: str, value: str) -> tuple[str, str]:
    """ "quiet off" may come as one word or two, whatever the platform; a name as it is shown has two."""
    words = f"{name} {value}".split(maxsplit=2)
    if (shown := fold(" ".join(words[:2])).strip()) in SHOWN:
        return SHOWN[shown], " ".join(words[2:])
    first, _, rest = f"{name} {value}".strip().partition(" ")
    return first, rest.strip()


def read_setting(name: str, value: str) -> tuple[str, str]:
    """(key of `settings_of`, its text). Raises UserError."""
    name = fold(name).strip()
    name = ALIASES.get(name, name)
    folded = fold(value).strip()
    match name:
        case "language" if folded[:2] in LANGUAGES:
            return "language", folded[:2]
        case "timezone" if value in available_timezones():
            return "timezone", value
        case "quiet" if folded in OFF:
            return "quiet", ""
        case "quiet":
            return "quiet", _window(value)
        case "holidays" if folded in (*ON, *OFF):
            return "holidays", "yes" if folded in ON else ""
        case "reminders":
            return "reminders", _reminders(folded)
        case "letter":
            return _letter(folded)
        case "nudge":
            return "nudge", _nudge(folded)
        case "threads" if folded in (*ON, *OFF):
            return "threads", "yes" if folded in ON else ""
        case "long" | "short" if folded in (*ON, "long", "short", *OFF):
            wanted = folded not in (*OFF, "short")
            return "long", "yes" if wanted == (name == "long") else ""
        case "role" if folded in OFF:
            return "role", ""
        case "role" if re.fullmatch(r"<@&\d{1,19}>|\d{1,19}", value.strip()) and _number(value) <= LARGEST_ROLE:
            return "role", str(_number(value))
        case "language" | "timezone" | "role" | "long" | "short" | "threads" | "holidays":
            raise UserError(f"settings.error.{name}", value=value[:60])
        case _:
            raise UserError("settings.error.name", name=name[:32])


def _number(value: str) -> int:
    return int(re.sub(r"\D", "", value))


def _window(text: str) -> str:
    """`22:00-07:00`, `22h - 7h`, `22h30 à 7h`."""
    hours = re.split(r"\s*[-–]\s*|\s+(?:à|a|to)\s+", text.strip().lower())
    if len(hours) != 2 or (start := _hour(hours[0])) == (end := _hour(hours[1])):
        raise UserError("settings.error.quiet", value=text[:60])
    return f"{start:%H:%M}-{end:%H:%M}"


def _reminders(folded: str) -> str:
    """`30 7 1`, `30, 7 et 1 jours`, `off`: days before a deadline."""
    days = {int(day) for day in re.findall(r"\d{1,4}", folded)}
    if folded not in OFF and (not days or not days <= {*OFFSETS}):
        raise UserError("settings.error.reminders", value=folded[:60], days=_listed(OFFSETS))
    return " ".join(map(str, sorted(days, reverse=True)))


def _nudge(folded: str) -> str:
    """Minutes: `45`, `45 min`, `1 h`, `1h30`; "" for `off`."""
    if folded in OFF:
        return ""
    found = re.fullmatch(r"(?:(\d{1,3}) ?h(?:eures?|ours?)?)? ?(?:(\d{1,4}) ?(?:m|mn|min|minutes?)?)?", folded)
    minutes = int(found[1] or 0) * 60 + int(found[2] or 0) if found else 0
    if not SOONEST_NUDGE <= minutes * MINUTE <= LATEST_NUDGE:
        least, most = SOONEST_NUDGE // MINUTE, LATEST_NUDGE // MINUTE
        raise UserError("settings.error.nudge", value=folded[:60], least=least, most=most)
    return str(minutes)


def _listed(days: Sequence[int]) -> str:
    return ", ".join(map(str, days))


def _letter(folded: str) -> tuple[str, str]:
    """`daily 07:30`, `weekly mon 08:30`, `quotidienne 7h30`, `hebdomadaire lundi 8h30`."""
    how, _, when = folded.partition(" ")
    if "daily".startswith(how) or "quotidienne".startswith(how):
        return "daily", f"{_hour(when):%H:%M}"
    if "weekly".startswith(how) or "hebdomadaire".startswith(how):
        day, _, hour = when.partition(" ")
        found = {number for name, number in DAY_NAMES.items() if len(day) >= 2 and name.startswith(day)}
        if len(found) == 1:
            return "weekly", f"{found.pop()} {_hour(hour):%H:%M}"
    raise UserError("settings.error.letter", value=folded[:60])


def _hour(text: str) -> time:
    found = re.fullmatch(r"\s*(\d{1,2})(?:\s*[:h]\s*(\d{2})?)?\s*", text)
    try:
        given = time(int(found[1]), int(found[2] or 0)) if found else time.fromisoformat(text.strip())
        return given.replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise UserError("settings.error.hour", value=text[:60]) from None


async def _set(asked: Asked, change: Mapping[str, str]) -> View:
    """Writes it, and shows the resulting state with a way back."""
    desk = asked.desk
    async with desk.db.tx() as tx:
        channel = await desk.ensure(tx, asked.where)
        before, after = settings_of(channel), with_settings(channel, change)
        await desk.channels.save(tx, after, asked.now)
        told = replace(asked, channel=after)  # also in the language that was just chosen
        was = {name: before[name] for name in change}  # nothing else is taken back
        undo = await changed(told, tx, after, "settings", settings_before(was), **change)
    return overview(told, undo)


# -- what is shown ----------------------------------------------------------------------------------------------------


def overview(asked: Asked, undo: Action | None = None) -> View:
    say, channel = asked.in_chat, asked.channel
    quiet = channel.quiet
    rows = [
        (say("settings.language"), say(f"settings.language_{channel.language}")),
        (say("settings.timezone"), channel.timezone),
        (say("settings.quiet"), f"{quiet.start:%H:%M} – {quiet.end:%H:%M}" if quiet else say("settings.off")),
        (say("settings.holidays"), say("settings.holidays_on" if channel.holidays else "settings.holidays_off")),
        (say("settings.daily"), f"{channel.daily_at:%H:%M}"),
        (say("settings.weekly"), f"{say(f'settings.day.{DAYS[channel.weekly_on]}')} {channel.weekly_at:%H:%M}"),
        (say("settings.reminders"), _before(channel.reminders, say)),
        (say("settings.nudge"), _after(channel, say)),
        (say("settings.threads"), say("settings.threads_on" if channel.threads else "settings.threads_off")),
        (say("settings.posts"), say("settings.long" if channel.long_posts else "settings.short")),
    ]
    if channel.address.platform == "discord":
        rows.append((say("settings.role"), f"@{channel.role}" if channel.role else say("settings.off")))
    paused = said_pause(say, channel, asked.now)
    blocks: list[Block] = [
        Headline(text=say("settings.title")),
        *([Text(text=paused)] if paused else []),
        Rows(rows=tuple(rows)),
        Actions(actions=tuple(_open(asked, name) for name in ("language", "zone", "quiet"))),
        Actions(
            actions=(
                asked.button("set", "ask.daily", say("settings.button.daily"), asks=True),
                asked.button("set", "ask.weekly", say("settings.button.weekly"), asks=True),
                asked.button(
                    "set",
                    f"long.{'no' if channel.long_posts else 'yes'}",
                    say(f"settings.button.{'short' if channel.long_posts else 'long'}"),
                ),
            )
        ),
        Actions(
            actions=(
                _open(asked, "nudge"),
                asked.button(
                    "set",
                    f"threads.{'no' if channel.threads else 'yes'}",
                    say(f"settings.button.{'no_threads' if channel.threads else 'threads'}"),
                ),
            )
        ),
    ]
    if undo is not None:
        blocks.append(Actions(actions=(undo,)))
    return View(blocks=(*blocks, Note(text=say("settings.note"))), silent=True)


def _before(days: Sequence[int], say: Say) -> str:
    return say("settings.before", count=sum(days), days=_listed(days)) if days else say("settings.off")


def _after(channel: Channel, say: Say) -> str:
    minutes = channel.nudge // MINUTE if channel.nudge is not None else 0
    return say("settings.after", count=minutes) if minutes else say("settings.off")


def _open(asked: Asked, name: str) -> Action:
    return asked.button("set", f"choose.{name}", asked.in_chat(f"settings.button.{name}"))


def _choices(asked: Asked, name: str) -> View:
    """The values of one setting."""
    say = asked.in_chat
    back = asked.button("set", "list", say("settings.button.back"))
    choices: Block
    match name:
        case "language":
            buttons = [asked.button("set", f"language.{one}", say(f"settings.language_{one}")) for one in LANGUAGES]
            choices = Actions(actions=tuple(buttons))
        case "zone":
            options = [asked.button("set", f"zone.{place}", zone) for place, zone in enumerate(ZONES)]
            choices = Options(hint=say("settings.zone_hint"), options=tuple(options))
        case "quiet":
            buttons = [asked.button("set", f"quiet.{place}", window) for place, window in enumerate(QUIET)]
            choices = Actions(actions=(*buttons, asked.button("set", "quiet.off", say("settings.off"))))
            return View(
                blocks=(
                    *(Headline(text=say("settings.choose.quiet")), choices, Text(text=say("settings.holidays_text"))),
                    Actions(actions=(_days_off(asked), _own(asked, name), back)),
                ),
                silent=True,
            )
        case "nudge":
            buttons = [
                asked.button("set", f"nudge.{place}", say("settings.minutes", count=int(one)))
                for place, one in enumerate(NUDGES)
            ]
            choices = Actions(actions=(*buttons, asked.button("set", "nudge.off", say("settings.off"))))
        case _:
            raise UserError("error.expired")
    other = () if name == "language" else (_own(asked, name),)
    return View(
        blocks=(Headline(text=say(f"settings.choose.{name}")), choices, Actions(actions=(*other, back))), silent=True
    )


def _own(asked: Asked, name: str) -> Action:
    return asked.button("set", f"ask.{name}", asked.in_chat("settings.button.own"), asks=True)


def _days_off(asked: Asked) -> Action:
    say, has = asked.in_chat, asked.channel.holidays
    label = say("settings.button.no_holidays" if has else "settings.button.holidays")
    return asked.button("set", f"holidays.{'no' if has else 'yes'}", label)


def _form(press: Pressed, name: str) -> Form:
    say = press.in_private
    return Form(
        title=say(f"settings.choose.{name}"),
        label=say("settings.form.label"),
        hint=say(f"settings.form.{name}"),
        press=press.button("set", f"ask.{name}", "").press,
        most=60,
    )

"""CommandSpec → the menus of Telegram: for whom, in which language. Members are not shown what they may not do.

https://core.telegram.org/bots/api#determining-list-of-commands: the narrowest scope that has a list wins, and in it the
reader's language, else the list without one. Ours without one is English.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import telegram

from bot.domain.command import CommandSpec
from bot.locale.say import Say

ABOUT = 256

EVERYBODY: Mapping[telegram.BotCommandScope, bool] = {  # and whether its readers are administrators there
    telegram.BotCommandScopeDefault(): False,
    telegram.BotCommandScopeAllGroupChats(): False,
    telegram.BotCommandScopeAllChatAdministrators(): True,
    telegram.BotCommandScopeAllPrivateChats(): True,
}
LANGUAGES = {"": "en", "fr": "fr"}  # Telegram's code ("": any other) → ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    scope: telegram.BotCommandScope
    language: str  # Telegram's code
    commands: tuple[telegram.BotCommand, ...]


def menus(specs: Sequence[CommandSpec]) -> Sequence[Menu]:
    return [
        Menu(
            scope=scope,
            language=code,
            commands=tuple(_command(spec, Say(language)) for spec in specs if for_admins or not spec.admin),
        )
        for scope, for_admins in EVERYBODY.items()
        for code, language in LANGUAGES.items()
    ]


def _command(spec: CommandSpec, say: Say) -> telegram.BotCommand:
    name = spec.fr if say.language == "fr" else spec.name
    return telegram.BotCommand(command=name, description=say(f"command.{spec.name}.about")[:ABOUT])

"""How a subscription is delivered, typed and said back."""

from bot.domain.channel import Rhythm
from bot.errors import UserError
from bot.locale.say import Say

RHYTHMS = {
    "now": Rhythm.NOW,
    "maintenant": Rhythm.NOW,
    "daily": Rhythm.DAILY,
    "quotidien": Rhythm.DAILY,
    "weekly": Rhythm.WEEKLY,
    "hebdo": Rhythm.WEEKLY,
    "hebdomadaire": Rhythm.WEEKLY,
}
SILENT = ("silent", "silencieux")


def read_how(typed: str) -> tuple[Rhythm, bool]:
    """The last rhythm named wins; silent goes with any. Raises UserError."""
    how, silent = Rhythm.NOW, False
    for word in typed.lower().split():
        if word in SILENT:
            silent = True
        elif word in RHYTHMS:
            how = RHYTHMS[word]
        else:
            raise UserError("error.how", how=word[:32])
    return how, silent


def say_how(say: Say, how: Rhythm, *, silent: bool) -> str:
    said = say(f"how.{how}")
    return say("how.silent", how=said) if silent else said

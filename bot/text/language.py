"""French or English: what a text is written in, whatever its source claims."""

from bot.domain.words import words
from bot.text.vocabulary import FUNCTION_WORDS

READ = 2_000  # characters
ENOUGH = 3  # function words of one language more than of the other


def language(text: str, claimed: str | None = None) -> str:
    """ "fr" or "en". A text too short to tell is in the language its source claims, else in French."""
    found = words(text[:READ])
    french, english = (sum(word in FUNCTION_WORDS[name] for word in found) for name in ("fr", "en"))
    if abs(french - english) >= ENOUGH:
        return "fr" if french > english else "en"
    return "en" if (claimed or "").lower().startswith("en") else "fr"

"""What is wrong with a source, in plain words."""

from bot.locale.say import Say


def plain(say: Say, trouble: str) -> str:
    """`trouble` as `SourceError.trouble`: a code, and what makes it clearer ("http-error:403")."""
    code, _, detail = trouble.partition(":")
    if detail and say.has(f"source.{detail}"):
        return say(f"source.{detail}")
    sentence = say(f"source.{code}") if say.has(f"source.{code}") else code
    return f"{sentence} ({detail})" if detail else sentence

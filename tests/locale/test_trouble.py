"""What is wrong with a source, as people read it."""

import pytest

from bot.errors import FetchError, SourceError
from bot.locale.say import Say
from bot.locale.trouble import plain


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FetchError("http-error", "…", detail="403"), "le site répond par une erreur (403)"),
        (FetchError("connection", "…", detail="certificate"), "le certificat du site n’est pas valable"),
        (FetchError("connection", "…"), "connexion impossible"),
        (FetchError("a-later-version", "…"), "a-later-version"),
    ],
)
def test_a_trouble_is_told_in_plain_words(error: SourceError, said: str) -> None:
    assert plain(Say("fr"), error.trouble) == said

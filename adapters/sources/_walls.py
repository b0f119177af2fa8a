"""What stands in a page's place when nothing is listed there: a wall that a site answers with 200. A part of kinds.

Only asked of pages that gave nothing: many a list has a login of its own at its top.
"""

import re
from urllib.parse import urlsplit

from bot.errors import ParseError
from bot.ports import Page

LOOKED_AT = 2**20  # bytes; a style sheet of half a megabyte stands before many a form
CHALLENGE = re.compile(
    rb"<title>\s{0,99}(?:just a moment|attention required!|un instant|checking your browser)|cf[-_]chl|"
    rb"captcha-delivery\.com|awswaf\.com",
    re.IGNORECASE,
)
LOGIN = re.compile(
    rb"<input\s[^<>]{0,500}?(?:type\s{0,9}=\s{0,9}[\"']?password|name\s{0,9}=\s{0,9}[\"']?SAMLRequest)", re.IGNORECASE
)
LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|connexion|authentification|auth|sso|cas|oauth2?|saml2?)(?:[./]|$)", re.IGNORECASE
)


def empty(page: Page, code: str, why: str) -> ParseError:
    """The error of a page that gave nothing: a wall's, if it is one, else `code`, which says `why`."""
    body = page.body[:LOOKED_AT].replace(b"\0", b"")
    if CHALLENGE.search(body):
        return ParseError("challenge", f"{page.url}: keeps readers like us out; ask the site, or find another address")
    if LOGIN.search(body) or LOGIN_PATH.search(_path(page.url)):
        return ParseError("login-required", f"{page.url}: asks for a login; give a public address")
    return ParseError(code, f"{page.url}: {why}")


def _path(url: str) -> str:
    try:
        return urlsplit(url).path if url.startswith("http") else ""
    except ValueError:
        return ""

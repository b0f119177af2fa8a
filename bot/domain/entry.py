"""An item as a source lists it, and the identity of its address."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

# A closed list: an unknown parameter may be the identity of the page (`story?ID=2939`) and is never dropped.
TRACKING = frozenset(
    {
        *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_name"),
        *("fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok"),
        *("xtor", "at_medium", "at_campaign", "at_custom1", "at_custom2", "pk_campaign", "pk_kwd", "pk_source"),
    }
)


_PREFIX = re.compile(r"(?:www|amp|m)\.")
# An address in which little is left to mend, told apart in a tenth of the time; `?p=123` is a publisher's own number
_PLAIN = re.compile(
    r"https?://(?:www\.)?((?!www\.|amp\.|m\.)[a-z0-9-]++(?:\.[a-z0-9-]++)++)((?:/[\w~-][\w.~-]*+)*+)/?(\?p=\d+)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as a source lists it.

    Identity is (source, key): the publisher's own id if it gives one, else the canonical URL. Titles and dates get
    corrected after publication, so neither takes part in identity.
    """

    key: str
    url: str
    title: str
    published: datetime | None = None  # aware, UTC; None: the page gives no date
    summary: str = ""  # the publisher's chapeau or description, plain text
    text: str = ""  # plain, paragraphs separated by "\n\n"
    authors: tuple[str, ...] = ()
    genre: str = ""  # "actualité", "tribune"…; "": the page does not say
    image: str = ""  # http(s) address of the picture it is shown with; "": none


@lru_cache(1_024)  # an article's is asked for three times while it is written
def canonical(url: str) -> str:
    """The address under which two spellings of one page meet; it proposes a merge, it is never fetched.

    https, host in lower case without `www.`, `m.` or `amp.`, no default port, no fragment, no trailing slash, no
    tracking parameter, the other parameters sorted.
    """
    if plain := _PLAIN.fullmatch(url):
        return f"https://{plain[1]}{plain[2]}{plain[3] or ''}"
    return mended(url)


def mended(url: str) -> str:
    """The same for any address at all, part by part."""
    url = (
        url.encode("utf-8", "surrogatepass").decode("utf-8", "replace").strip()
    )  # a lone surrogate can be said in JSON, and not be kept
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # "http://host:abc/", "http://[": not an address at all, so it is its own identity
        return url
    host = (parts.hostname or "").rstrip(".")
    while (prefix := _PREFIX.match(host)) and host.count(".") > 1:
        host = host[prefix.end() :]
    if ":" in host:  # an IPv6 address
        host = f"[{host}]"
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    path = quote(_without_dots(parts.path), safe="/%:@!$&'()*+,;=~-._").rstrip("/")
    pairs = sorted(p for p in parse_qsl(parts.query, keep_blank_values=True) if p[0].lower() not in TRACKING)
    return f"https://{host}{path}" + (f"?{urlencode(pairs)}" if pairs else "")


def _without_dots(path: str) -> str:
    """RFC 3986 §5.2.4, on whole segments."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept)

"""Which picture an article is shown with. A part of the kind `list`."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from adapters.html import Document, Picture
from adapters.sources._pieces import Piece, absolute, key_of
from bot.domain.words import words

LEAST_SIDE = 100  # pixels; what declares less is an icon, a counter, a portrait
UNSAID = 640 * 360  # pixels of a picture that does not declare its size
LONGEST_URL = 2_048  # characters
ABOVE = 4  # lines above a title in which its picture may stand
FILE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)$", re.IGNORECASE)
DECORATION = re.compile(
    r"(?:^|[/_.-])(?:logos?|ico|icons?|icones?|favicon|pixel|sprites?|avatars?|gravatar|spacer|blank|placeholder|"
    r"loader|transparent|1x1|pub|publicite|ads?|banner|banniere)(?:[/_.-]|\d{0,4}\.[a-z]{3,4}$)|\.svgz?$|\.ico$",
    re.IGNORECASE,
)


def address(base: str, src: str) -> str:
    """http(s), absolute; "" for what is no picture of an article."""
    url = absolute(base, src)
    if not url.startswith("http") or len(url) > LONGEST_URL or DECORATION.search(urlsplit(url).path):
        return ""
    return url


def declared(document: Document, base: str) -> str:
    """What the page asks others to show it with."""
    said = (document.meta.get(name, "") for name in ("og:image", "og:image:url", "twitter:image"))
    return next((url for src in said if (url := address(base, src))), "")


def of_article(
    document: Document, base: str, own: frozenset[str], title: Piece, said: Sequence[Piece]
) -> Sequence[Picture]:
    """From a little above the title to the last line of the text (`said`). `own`: keys of the article's addresses."""
    last = said[-1].line if said else title.line
    near = (picture for picture in document.pictures if title.line - ABOVE <= picture.line <= last)
    return [picture for picture in near if not _is_foreign(picture, base, own, title)]


def _is_foreign(picture: Picture, base: str, own: frozenset[str], title: Piece) -> bool:
    """An advert, a neighbour's, or the site's own; a link to the picture itself, larger, is none of these."""
    within = picture.tags & {"article", "main"}
    if picture.tags & {"nav", "aside"} or ("footer" in picture.tags and not within):
        return True
    if picture.line <= title.line and "header" in picture.tags and not within:
        return True
    if not picture.href or FILE.search(picture.href.partition("?")[0]):
        return False
    return key_of(absolute(base, picture.href)) not in own


def best(pictures: Iterable[Picture], base: str) -> str:
    """The largest, the first among equals; "": none of them is one."""
    shown = [(picture, url) for picture in pictures if not _is_small(picture) and (url := address(base, picture.src))]
    return max(shown, key=lambda pair: _area(pair[0]), default=(None, ""))[1]


def _is_small(picture: Picture) -> bool:
    sides = [side for side in (picture.width, picture.height) if side]
    return min(sides, default=LEAST_SIDE) < LEAST_SIDE or words(picture.alt)[:1] in (("logo",), ("icone",))


def _area(picture: Picture) -> int:
    return picture.width * picture.height or UNSAID

"""Which picture an article is shown with. A part of the kind `list`."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from adapters.html import Picture
from adapters.sources._pieces import absolute
from bot.domain.words import words

LEAST_SIDE = 100  # pixels; what declares less is an icon, a counter, a portrait
UNSAID = 640 * 360  # pixels of a picture that does not declare its size
LONGEST_URL = 2_048  # characters
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


def best(pictures: Iterable[Picture], base: str) -> str:
    """The largest, the first among equals; "": none of them is one."""
    shown = [(picture, url) for picture in pictures if not _is_small(picture) and (url := address(base, picture.src))]
    return max(shown, key=lambda pair: _area(pair[0]), default=(None, ""))[1]


def _is_small(picture: Picture) -> bool:
    sides = [side for side in (picture.width, picture.height) if side]
    return min(sides, default=LEAST_SIDE) < LEAST_SIDE or words(picture.alt)[:1] in (("logo",), ("icone",))


def _area(picture: Picture) -> int:
    return picture.width * picture.height or UNSAID

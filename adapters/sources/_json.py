"""A JSON document as somebody else wrote it: any field may be missing, null, or of another type. A part of kinds."""

import json
import re
from collections.abc import Mapping
from typing import Any

from adapters.html import decode
from bot.errors import ParseError
from bot.ports import Page

Fields = Mapping[str, Any]  # Any: whatever JSON can say


def read(page: Page, code: str) -> Any:
    """`code`: of the error that says it is no JSON. Raises ParseError, "truncated" and "too-deep" too."""
    try:
        return json.loads(decode(page.body, page.charset))
    except RecursionError:
        raise ParseError("too-deep", f"{page.url}: JSON nested deeper than anything real; look at the page") from None
    except ValueError:  # a number too long for Python is one too
        if page.truncated:
            raise ParseError(
                "truncated", f"{page.url}: the answer ends before its JSON does; try again later"
            ) from None
        raise ParseError(code, f"{page.url}: not a JSON document; look at the page") from None


def fields(value: object) -> Fields:
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[Fields]:
    """The objects of a list; what else stands in it is left out."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """ "": it is no text."""
    return whole(value).strip() if isinstance(value, str) else ""


def whole(value: str) -> str:
    """A half of a character, which JSON can say and nothing can print, is shown as one that is missing."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    return value


def line(value: object) -> str:
    return " ".join(text(value).split())

"""A page that lists articles, and each article's own page: the shape of the trade press, by where lines stand.

`source.options` may say where to look, in simple CSS (`tag`, `.class`, `#id`, descendants): `item` one article of the
list; inside it `title`, `date`, `body`.
"""

from collections.abc import Sequence

from adapters import html
from adapters.sources import _article_page, _selected, _teasers, _walls
from adapters.sources._binary import is_binary
from adapters.sources._pieces import absolute, base_of, key_of
from bot.domain.entry import Entry
from bot.domain.source import Source
from bot.errors import ParseError
from bot.ports import Page, SourceKind
from bot.text.summary import cut


class List:
    """Identity: the number of `/articles/<n>/<slug>`, else the canonical address."""

    name = "list"

    def parse(self, page: Page, source: Source) -> Sequence[Entry]:
        """A single article's page gives that one article."""
        if is_binary(page.body):
            raise ParseError("no-items", f"{page.url}: no text; give the address of a list or a feed")
        document = html.read(page)
        entries = [] if _is_folder(document) else _found(page, document, source)
        if not entries:
            raise _walls.empty(page, "no-items", "no article is listed there; give the address of a list or a feed")
        return entries

    def page_of(self, entry: Entry) -> str:
        return entry.url

    def read(self, page: Page, entry: Entry) -> Entry:
        return _article_page.read(page, entry)


KIND: SourceKind = List()


def _found(page: Page, document: html.Document, source: Source) -> Sequence[Entry]:
    if "item" in source.options:
        return _selected.find(page, document, source.options)
    article = _article_page.find(page, document)
    if _article_page.is_article(page, document, article) and not _teasers.announces(page, document, article.title):
        article = _article_page.surer(page, document, article)
        return [_article_page.complete(_bare(page, document, article.text), article)]
    return _teasers.find(page, document)


def _is_folder(document: html.Document) -> bool:
    """As servers list the files of one."""
    headings = (line.text for line in document.lines[:20] if line.heading)
    return any(text.startswith("Index of /") for text in (document.title, *headings))


def _bare(page: Page, document: html.Document, text: str) -> Entry:
    """What a list would say of it; where the page has no description, the beginning of its first paragraph."""
    url = absolute(page.url, base_of(page, document)) or page.url
    opening = text.split("\n\n")[0]
    declared = document.meta.get("description", "") or document.meta.get("og:description", "")
    summary = declared or cut(opening, _article_page.LONGEST_SUMMARY)
    return Entry(key=key_of(url), url=url, title="", summary=summary)

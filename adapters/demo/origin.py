"""The demo's web server: a list of articles with their pages, RSS, Atom and JSON Feed, all of it invented."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader

from adapters.demo.newsroom import PAPERS, ZONE, Newsroom, Paper, Published
from bot.locale.say import Say

READINGS = 2  # the second answer proves that the first was kept: what appears now is news


class Origin:
    """`down`: the papers that answer 503. Nothing here listens; `app` is for whoever does."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.down: set[str] = set()
        self.url = ""  # set once the port is known
        self.watched = asyncio.Event()  # every paper has been read, and is read again
        self._read: Counter[str] = Counter()
        self._pages = Environment(loader=PackageLoader("adapters.demo"), autoescape=True, trim_blocks=True)
        self._pages.filters["rfc822"] = format_datetime
        self._pages.filters["printed"] = _printed

    def sources_file(self) -> str:
        """TOML, as `TOCSIN_SOURCES` wants it."""
        return "\n".join(
            f'[[source]]\nid = "{paper.name}"\ntitle = "{paper.title}"\nurl = "{self.url}{paper.feed}"\n'
            f'kind = "{paper.kind}"\nlanguage = "fr"\ntrust = "{paper.trust}"\ntopics = {list(paper.topics)}\n'
            "every = 0.02\n"
            for paper in PAPERS
        )

    def routes(self) -> list[web.RouteDef]:
        writers: dict[str, Callable[[Paper], web.Response]] = {
            "gazette": lambda paper: self._page("list.html", paper, "text/html"),
            "cert": lambda paper: self._page("atom.xml", paper, "application/atom+xml"),
            "agence": lambda paper: self._page("rss.xml", paper, "application/rss+xml"),
            "carnet": self._json_feed,
            "depeches": lambda paper: self._page("rss.xml", paper, "application/rss+xml"),
        }
        feeds = [web.get(paper.feed, self._feed(paper, writers[paper.name])) for paper in PAPERS]
        return [*feeds, web.get(r"/{paper}/articles/{number:\d+}/{slug}", self._article)]

    def _feed(self, paper: Paper, write: Callable[[Paper], web.Response]) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.Response:
            if paper.name in self.down:
                return web.Response(status=503, text="panne fictive")
            self._read[paper.name] += 1
            if all(self._read[one.name] >= READINGS for one in PAPERS):
                self.watched.set()
            response = write(paper)
            assert isinstance(response.body, bytes)
            etag = hashlib.sha256(response.body).hexdigest()[:16]
            if any(known.value == etag for known in request.if_none_match or ()):
                return web.Response(status=304, headers={"ETag": f'"{etag}"'})
            response.etag = etag
            return response

        return answer

    def _page(self, template: str, paper: Paper, media_type: str) -> web.Response:
        articles = self.newsroom.listed(paper.name)
        text = self._pages.get_template(template).render(paper=paper, articles=articles, url=self.url)
        return web.Response(text=text, content_type=media_type)

    def _json_feed(self, paper: Paper) -> web.Response:
        return web.json_response(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": paper.title,
                "language": "fr",
                "items": [self._item(one) for one in self.newsroom.listed(paper.name)],
            },
            content_type="application/feed+json",
        )

    def _item(self, one: Published) -> dict[str, object]:
        sample = one.sample
        return {
            "id": f"{self.url}/{sample.source}/{one.number}",
            "url": f"{self.url}{one.path}",
            "title": sample.title,
            "summary": sample.chapeau,
            "content_text": sample.text,
            "date_published": one.at.isoformat(),
            "language": sample.lang,
            "tags": [sample.genre],
            "authors": [{"name": name} for name in sample.authors],
        }

    async def _article(self, request: web.Request) -> web.Response:
        found = self.newsroom.find(int(request.match_info["number"]))
        if found is None or found.sample.source != request.match_info["paper"]:
            raise web.HTTPNotFound
        paper = next(paper for paper in PAPERS if paper.name == found.sample.source)
        others: Sequence[Published] = [
            one for one in self.newsroom.listed(paper.name)[:4] if one.number != found.number
        ]
        page = self._pages.get_template("article.html")
        return web.Response(text=page.render(paper=paper, one=found, others=others[:3]), content_type="text/html")


def _printed(one: Published) -> str:
    """`24 sept. 2021 - 17:34,` as the trade press prints it, comma included."""
    local = one.at.astimezone(ZONE)
    return f"{Say('fr').date(local, ZONE, hour=False)} - {local:%H:%M},"

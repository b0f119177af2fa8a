"""Pages whose shape says too little: trafilatura finds the text, and is imported in workers only."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

from adapters.cpu import CpuWorkers
from adapters.sources import load
from bot.domain.entry import Entry
from bot.ports import Page, ReadsArticle

URL = "https://revue-fictive.test/dossier/annuaire"
ENTRY = Entry(key="k", url=URL, title="Un annuaire à l’épreuve", summary="Chapeau de la liste.", genre="analyse")
KIND = load("list")
assert isinstance(KIND, ReadsArticle)
READ = KIND.read
MENU = "".join(f"<div><a href='/rubrique/{n}'>Rubrique {n}</a></div>" for n in range(30))
PARAGRAPHS = [
    f"Paragraphe fictif numéro {n} : l’établissement imaginaire de Valmont y raconte, sans hâte et avec force détails, "
    "comment son annuaire a survécu à une semaine d’essais et à deux nuits de garde."
    for n in range(6)
]
# Neither its title nor its date stands on the page as text: they are in a picture.
PAGE = (
    "<html><head><title>Revue fictive</title></head><body>"
    f"<div class='menu'>{MENU}</div><div class='content'><img src='/titre.png'>"
    f"{''.join(f'<p>{text}</p>' for text in PARAGRAPHS)}</div><div class='footer'>{MENU}</div></body></html>"
)


def test_a_page_without_title_and_date_gives_its_text_and_no_menu() -> None:
    read = READ(Page(url=URL, body=PAGE.encode()), ENTRY)
    assert read.text.split("\n\n") == PARAGRAPHS
    assert (read.title, read.genre, read.summary) == (ENTRY.title, ENTRY.genre, ENTRY.summary)


def test_title_date_and_byline_stay_ours() -> None:
    header = "<h1>Un annuaire à l’épreuve</h1><p>1er août 2025 - 08:05</p><p>Tribune - Par Me Ada Roux</p>"
    page = PAGE.replace("<div class='content'>", f"<div>{header}<p>Trop court.</p></div><div class='content'>")
    page = page.replace("<p>Trop court.</p>", "<p>Trop court.</p><p>Avez-vous apprécié ce contenu ?</p>")
    read = READ(Page(url=URL, body=page.encode()), ENTRY)
    assert (read.published, read.authors, read.genre) == (
        datetime(2025, 8, 1, 6, 5, tzinfo=UTC),
        ("Ada Roux",),
        "tribune",
    )
    assert all(text in read.text for text in PARAGRAPHS)


def test_our_own_process_never_imports_it() -> None:
    said = (
        "import sys, adapters.sources.list, adapters.sources.sitemap, adapters.sources.feed, bot.wiring; "
        "print('trafilatura' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "False"


async def test_a_worker_has_the_time_and_the_room_for_it() -> None:
    async with CpuWorkers(1) as cpu:
        read = await cpu.run(READ, Page(url=URL, body=PAGE.encode()), ENTRY, deadline=timedelta(seconds=60))
    assert read.text.split("\n\n") == PARAGRAPHS

"""Every sentence exists in every language, says the same values, is used, and is set as its language is."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.platforms.console.story import ACTIONS
from bot.commands import SPECS
from bot.commands.more import MENU
from bot.commands.settings import ASKED, DAYS
from bot.commands.wizard import RHYTHMS, RULES, STEPS
from bot.domain.alert import AlertType, Severity
from bot.domain.channel import Rhythm
from bot.domain.command import CommandSpec
from bot.domain.deadline import Edge
from bot.domain.hold import Choice
from bot.domain.rule import What
from bot.domain.setup import Kind, Much
from bot.domain.source import Trust
from bot.domain.trend import Move
from bot.examining import Remark
from bot.locale.say import LANGUAGES, Say, sentences
from bot.pipeline.enlist import Fate
from bot.pipeline.sections import DATES, LIKED, REST
from bot.text.deadline_signals import PLACES, SIGNS
from bot.text.signals import LOOSELY, SIGNALS
from bot.text.vocabulary import TOPICS
from bot.text.watched import PRESETS

ROOT = Path(__file__).parent.parent.parent
LOCALE = ROOT / "bot" / "locale"
CODE = sorted(path for top in ("bot", "adapters") for path in (ROOT / top).rglob("*.py"))
TEMPLATES = sorted((ROOT / "adapters").rglob("*.html"))
KEYS = frozenset(sentences("fr"))
SPEAKERS = ("say", "Say", "has", "text", "UserError", "_described")  # who takes a key as the first argument
ROOM = ("title", "about", "tab", "like", "box")
TURNED = ("down", "play")  # what the same button of the demo turns on and off
# The closed list of reasons why a source cannot be read: `sources preview` prints them
CODES = (
    *("unknown-kind", "silent", "certificate", "unexpected", "file"),
    *("blocked-address", "blocked-scheme", "blocked-port", "bad-url", "dns-failure", "connection", "timeout"),
    *("truncated", "too-large", "too-many-redirects", "bad-http", "bad-encoding", "http-error", "gone", "rate-limited"),
    *("unexpected-304", "empty-body", "not-a-feed", "not-a-sitemap", "no-items", "no-text", "xml-bomb", "too-deep"),
    *("loop", "login-required", "challenge", "bad-opml"),
)
REFUSALS = ("shared", "excluded", "word_missing", "no_word", "severity")  # of `bot.domain.rule`
SOURCE_ERRORS = ("SourceError", "FetchError", "ParseError")

# Keys made by the code from a beginning and one of these endings
MADE: Mapping[str, set[str]] = {
    "severity.": {severity.name.lower() for severity in Severity},
    "alert.": set(AlertType),
    "topic.": set(TOPICS),
    "signal.": {signal.name.removesuffix(LOOSELY) for signal in SIGNALS},
    "evidence.": {name.split(" (")[0].replace(" ", "-") for name in SIGNS},
    "cli.explain.in_": {place.strip(" ()") for place in PLACES},
    "how.": set(Rhythm),
    "rule.yes.": set(What),
    "rule.no.": {*What, *REFUSALS} - {What.WORDS, What.EVERYTHING},
    "what.": {*What, "all_of", "any_of", "none_of"},
    "post.reminder.": set(Edge),
    "post.digest.": {"held", "pause", "daily", "weekly"},
    "post.digest.section.": {REST, LIKED, DATES},
    "command.": {
        f"{spec.name}.{part}" for spec in SPECS for part in ("about", "example", *(a.name for a in spec.arguments))
    },
    "cli.sources.": {"id", "kind", "last", "next", "state", "entries", "newest", "url", "title"},
    "cli.enlist.": set(Fate),
    "cli.init.": {"telegram", "discord"},
    "cli.doctor.remark.": set(Remark),
    "cli.doctor.remark_fix.": set(Remark),
    "console.role.": {"admin", "member"},
    "console.language.": set(LANGUAGES),
    "console.room.": {f"{room}.{what}" for room in ("telegram", "discord") for what in ROOM},
    "console.story.": {
        *(f"{action}.{what}" for action in set(ACTIONS) - {"play"} for what in ("label", "about")),
        *(f"{action}.watch" for action in set(ACTIONS) - set(TURNED)),
        *(f"{action}.watch.{state}" for action in TURNED for state in ("on", "off")),
    },
    "source.": set(CODES),
    "hold.": set(Choice),
    "hold.done.": set(Choice),
    "notice.": {
        *(
            f"{kind}.{part}"
            for kind in (
                *("trouble", "back", "pending", "admitted", "refused", "welcome", "gone", "muzzled", "writes"),
                *("threads_discord", "threads_telegram"),
            )
            for part in ("title", "text")
        ),
        "hold.title",
    },
    "notice.hold.": {"burst", "turned"},
    "calendar.": set(Edge),
    "deadlines.": set(Edge),
    "deadlines.half.": {"1", "2"},
    "deadlines.quarter.": {"1", "2", "3", "4"},
    "wizard.button.": {*RULES, *RHYTHMS, *STEPS, *("sources", "words", "hush", "ring", "before", "after", "cancel")},
    "setup.": {f"{question}.{part}" for question in ("kind", "park", "much") for part in ("title", "text")},
    "setup.preset.": set(PRESETS),
    "setup.button.": {*Kind, *Much, "back", "cancel", "later"},
    "subscriptions.": {f"{verb}_{what}" for verb in ("edit", "remove") for what in ("one", "hint")},
    "settings.language_": set(LANGUAGES),
    "settings.day.": set(DAYS),
    "settings.button.": {"language", "zone", "quiet", "long", "short", "nudge", "threads", "no_threads"},
    "settings.choose.": {"language", "zone", "quiet", "daily", "weekly", "nudge"},
    "settings.form.": set(ASKED),
    "settings.error.": {"language", "timezone", "role", "long", "short", "threads", "holidays"},
    "watchlist.": {"added", "kept", "removed"},
    "watchlist.button.": {"preset", "list"},
    "watchlist.preset.": set(PRESETS),
    "trends.": set(Move),
    "sources.trust.": {*Trust} - {Trust.OTHER},
    "why.": {"todo", "failed", "dropped", "unknown", "sent", "held"},
    "post.menu.": {*MENU, "less", "withdraw"},
    "post.": {"menu.up", "menu.down", "menu.more", "menu.why", "take", "done", "release"},
}


@dataclass(frozen=True)
class Said:
    """A key as the code writes it, and the names of the values given along; None: not to be seen from here."""

    key: str
    values: frozenset[str] | None
    where: str


def forms(key: str, language: str) -> list[str]:
    sentence = sentences(language)[key]
    return [sentence] if isinstance(sentence, str) else list(sentence.values())


def placeholders(key: str, language: str) -> set[str]:
    return {name for form in forms(key, language) for _, name, _, _ in string.Formatter().parse(form) if name}


def name_of(call: ast.expr) -> str:
    match call:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):  # Say(language)(key)
            return name_of(function)
    return ""


def strings(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return strings(body) + strings(orelse)
    return []


def calls(source: str, names: tuple[str, ...], where: str) -> Iterator[Said]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and name_of(node.func) in names:
            given = {keyword.arg for keyword in node.keywords}
            values = None if None in given else frozenset(name for name in given if name)
            for key in strings(node.args[0]):
                yield Said(key=key, values=values, where=f"{where}:{node.lineno}")


def said() -> list[Said]:
    """Literal keys: what is given to whoever speaks, unless it names a language (`Say("fr")`)."""
    found = [one for path in CODE for one in calls(path.read_text("utf-8"), SPEAKERS, str(path.relative_to(ROOT)))]
    for path in TEMPLATES:
        found += [
            Said(key=key, values=None, where=path.name) for key in re.findall(r'say\("([^"]+)"[,)]', path.read_text())
        ]
    return [one for one in found if one.key not in LANGUAGES]


def literals() -> set[str]:
    """Every string the code writes out: a key may be chosen first and said later."""
    trees = [ast.parse(path.read_text("utf-8")) for path in CODE]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {node.value for node in nodes if isinstance(node.value, str)} | {one.key for one in said()}


def beginnings() -> set[str]:
    """What f-strings (and concatenations of templates) that look like keys begin with."""
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                    found.add(text)
    for path in TEMPLATES:
        found |= set(re.findall(r'say\("([^"]+)" [+~]', path.read_text()))
    return found


# -- the files --------------------------------------------------------------------------------------------------------


def test_the_languages_have_the_same_files_and_keys() -> None:
    fr, en = ({path.name for path in (LOCALE / language).iterdir()} for language in LANGUAGES)
    assert fr == en
    assert set(sentences("fr")) == set(sentences("en"))


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_sentence_says_the_same_values_in_each_language(key: str) -> None:
    assert placeholders(key, "fr") == placeholders(key, "en")
    assert isinstance(sentences("fr")[key], str) is isinstance(sentences("en")[key], str)
    assert all(form.strip() for language in LANGUAGES for form in forms(key, language))


def test_placeholders_are_plain_names() -> None:
    for language in LANGUAGES:
        for key in KEYS:
            for form in forms(key, language):
                for _, name, spec, conversion in string.Formatter().parse(form):
                    assert name is None or (name.isidentifier() and not spec and not conversion), (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_complete(language: str) -> None:
    def tables(table: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
        yield table
        for value in table.values():
            if isinstance(value, Mapping):
                yield from tables(value)

    for path in (LOCALE / language).iterdir():
        for table in tables(tomllib.loads(path.read_text("utf-8"))):
            if {"one", "other"} & set(table):
                assert set(table) == {"one", "other"}, path.name


COUNTED = [key for key in sorted(KEYS) if "count" in placeholders(key, "fr")]


@pytest.mark.parametrize("key", COUNTED)
def test_a_sentence_that_counts_has_a_singular(key: str) -> None:
    assert not isinstance(sentences("fr")[key], str)


# -- the code ---------------------------------------------------------------------------------------------------------


def test_every_key_the_code_says_exists() -> None:
    assert [f"{one.where} {one.key}" for one in said() if one.key not in KEYS] == []
    assert len(said()) > 100


def test_every_value_a_sentence_needs_is_given() -> None:
    missing = []
    for one in said():
        if one.values is not None and one.key in KEYS and one.where.startswith(("bot", "adapters")):
            needed = placeholders(one.key, "fr") | (set() if isinstance(sentences("fr")[one.key], str) else {"count"})
            missing += [f"{one.where} {one.key} {name}" for name in sorted(needed - one.values)]
    assert missing == []


@pytest.mark.parametrize("beginning", MADE)
def test_every_key_the_code_makes_exists(beginning: str) -> None:
    assert sorted(ending for ending in MADE[beginning] if f"{beginning}{ending}" not in KEYS) == []


def test_keys_are_made_from_known_beginnings_only_and_from_each_of_them() -> None:
    areas = tuple(f"{path.stem}." for path in (LOCALE / "fr").iterdir())
    made = {
        beginning for beginning in beginnings() if beginning.startswith(areas) and re.fullmatch(r"[\w.-]+", beginning)
    }
    assert [text for text in sorted(made) if not text.startswith(tuple(MADE))] == []
    assert [text for text in MADE if not any(one.startswith(text) for one in made)] == []


def test_no_sentence_is_kept_that_nobody_says() -> None:
    used = literals() | {f"{beginning}{ending}" for beginning in MADE for ending in MADE[beginning]}
    assert sorted(KEYS - used) == []


def test_every_reason_of_a_source_has_its_plain_words() -> None:
    codes = {one.key for path in CODE for one in calls(path.read_text("utf-8"), SOURCE_ERRORS, path.name)}
    assert len(codes) > 10
    assert sorted(codes - set(CODES)) == []


def test_every_reason_of_a_rule_has_its_words() -> None:
    rule = ROOT / "bot" / "domain" / "rule.py"
    assert {one.key for one in calls(rule.read_text("utf-8"), ("_no",), rule.name)} == set(REFUSALS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_command_is_explained_for_every_menu(spec: CommandSpec, language: str) -> None:
    say = Say(language)
    for part in ("about", *(argument.name for argument in spec.arguments)):
        assert 0 < len(say(f"command.{spec.name}.{part}")) <= 100  # Discord's limit
    example = say(f"command.{spec.name}.example")
    name = spec.fr if language == "fr" else spec.name
    assert example.split()[0] == f"/{name}"
    assert set(spec.read(example.partition(" ")[2])) <= {argument.name for argument in spec.arguments}


# -- typography -------------------------------------------------------------------------------------------------------

TYPED = r'\{\{.*?\}\}|"[^"]+"|\b(?:source|sujet|apres|avant|cve):'  # what people type stands as they type it
NO_BREAK = "\u00a0\u202f"
WORDS = {key: " ".join(form for form in forms(key, "fr")) for key in sorted(KEYS)}


def test_french_apostrophes_are_curved() -> None:
    assert [key for key, text in WORDS.items() if "'" in text] == []


def test_french_quotes_are_guillemets() -> None:
    """Straight ones stand only in an example of what is typed."""
    assert [key for key, text in WORDS.items() if re.search(r"[“”]|\"", re.sub(TYPED, "", text))] == []


def test_a_french_double_sign_stands_behind_a_no_break_space() -> None:
    """An address or an hour has no space before its colon."""
    loose = re.compile(rf"(?<![{NO_BREAK}])[;?!»]|(?<![{NO_BREAK}\w]):(?!//)|\w:(?=\s|$)")
    assert [key for key, text in WORDS.items() if loose.search(re.sub(TYPED, "", text))] == []


def test_a_french_opening_quote_stands_before_a_no_break_space() -> None:
    assert [key for key, text in WORDS.items() if re.search(rf"«(?![{NO_BREAK}])", text)] == []


def test_english_has_no_space_before_a_double_sign() -> None:
    texts = {key: " ".join(forms(key, "en")) for key in sorted(KEYS)}
    assert [key for key, text in texts.items() if re.search(rf"[ {NO_BREAK}][:;?!]|[«»]|\w'\w", text)] == []


# -- Say --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "count", "title"),
    [
        ("fr", 0, "0 abonnement"),
        ("fr", 1, "1 abonnement"),
        ("fr", 2, "2 abonnements"),
        ("en", 0, "0 subscriptions"),
        ("en", 1, "1 subscription"),
        ("en", 2, "2 subscriptions"),
    ],
)
def test_french_counts_none_as_one_and_english_does_not(language: str, count: int, title: str) -> None:
    assert Say(language)("subscriptions.title", count=count) == title


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_key_and_a_missing_value_are_errors_and_never_half_a_sentence(language: str) -> None:
    say = Say(language)
    with pytest.raises(KeyError, match=r"no\.such"):
        say("no.such")
    with pytest.raises(KeyError, match="name"):
        say("take.theirs")
    with pytest.raises(KeyError, match="count"):
        say("subscriptions.title")


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert Say("en")("take.theirs", name="{count} {0}") == "{count} {0} is already on it."


def test_an_unknown_language_speaks_french() -> None:
    assert Say("de")("severity.critical") == Say("fr")("severity.critical") == "Critique"
    assert Say("de")("subscriptions.title", count=0) == "0 abonnement"


def test_a_key_can_be_asked_for_before_it_is_said() -> None:
    assert Say("en").has("source.timeout")
    assert not Say("en").has("source.no-such-code")


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("fr", "Europe/Paris", "24 sept. 2021, 17:34"),
        ("en", "Europe/Paris", "24 Sep 2021, 17:34"),
        ("fr", "Indian/Reunion", "24 sept. 2021, 19:34"),
        ("fr", "Pacific/Noumea", "25 sept. 2021, 02:34"),
        ("en", "America/Cayenne", "24 Sep 2021, 12:34"),
    ],
)
def test_a_date_is_absolute_and_in_the_readers_zone(language: str, zone: str, said: str) -> None:
    moment = datetime(2021, 9, 24, 15, 34, tzinfo=UTC)
    assert Say(language).date(moment, ZoneInfo(zone)) == said
    assert Say(language).date(moment, ZoneInfo(zone), hour=False) == said.partition(",")[0]


def test_every_month_has_its_name() -> None:
    months = [
        Say("fr").date(datetime(2026, month, 2, tzinfo=UTC), ZoneInfo("UTC"), hour=False) for month in range(1, 13)
    ]
    assert [text.split()[1][:3] for text in months] == [
        *("jan", "fév", "mar", "avr", "mai", "jui", "jui", "aoû", "sep", "oct", "nov", "déc")
    ]


def test_the_first_of_a_month_is_written_1er() -> None:
    assert Say("fr").date(datetime(2026, 3, 1, tzinfo=UTC), ZoneInfo("UTC"), hour=False) == "1er mars 2026"

"""A letter laid out: nothing is lost, nothing is twice, and no message is more than either platform takes."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.discord.render import render as on_discord
from adapters.platforms.telegram.render import render as on_telegram
from bot.domain.article import Facts
from bot.domain.delivery import Delivery, Post
from bot.domain.ids import ArticleId
from bot.pipeline.compose import Composer
from bot.pipeline.letter import letter_of
from bot.pipeline.sections import DATES, FEW, MOST, REST, ROOM, Section, by_topic, in_messages
from bot.stores import Owed, Tally
from bot.text.vocabulary import TOPICS
from bot.view import Items, View
from tests.fakes import KEY, START
from tests.pipeline.test_compose import CHANNEL, facts

TOPIC_SETS = st.sets(st.sampled_from(TOPICS), max_size=3)
NASTY = st.sampled_from(
    ["*" * 400, "é" * 300, "<@&13> @everyone `_~|[x](https://x.test)" * 8, "👩‍👩‍👧‍👦" * 60, "mot " * 90]
)
TITLES = st.one_of(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=120), NASTY)


def about(number: int, *topics: str, title: str = "", url: str = "https://exemple.test/a") -> Facts:
    one = facts(number, topics=tuple(sorted(topics)))
    return replace(one, article=replace(one.article, title=title or one.article.title, url=url))


def laid_out(ranked: Sequence[Facts], *, liked: Sequence[Facts] = (), left: int = 0) -> Sequence[Post]:
    return letter_of(CHANNEL, ranked, liked, [], key="d:3:1", why="weekly", total=len(ranked) + left, now=START)


def view(post: Post, ranked: Sequence[Facts]) -> View:
    known = {one.number: one for one in ranked}
    numbers = post.payload["articles"]
    assert isinstance(numbers, list)
    owed = Owed(
        delivery=Delivery(post=post.id, channel=CHANNEL.id, lane=CHANNEL.lane, prio=post.prio),
        post=post,
        channel=CHANNEL,
    )
    shown = [known[number] for number in numbers]
    return Composer(key=KEY).view(owed, shown, None, Tally(), repeats=True, titles={}, now=START)


def names(sections: Sequence[Section]) -> list[tuple[str, list[int]]]:
    return [(section.name, list(section.articles)) for section in sections]


def test_the_section_of_what_ranks_first_comes_first_and_the_rest_comes_last() -> None:
    ranked = [about(1), about(2, "rgpd"), about(3, "ia"), about(4, "rgpd"), about(5, "ia"), about(6)]
    assert names(by_topic(ranked)) == [("rgpd", [2, 4]), ("ia", [3, 5]), (REST, [1, 6])]


def test_an_article_of_several_topics_stands_where_most_others_do() -> None:
    ranked = [
        about(1, "ia", "rgpd"),
        about(2, "rgpd"),
        about(3, "rgpd", "hds"),
        about(4, "ia"),
        about(5, "ia"),
        about(6, "ia"),
    ]
    assert names(by_topic(ranked)) == [("ia", [1, 4, 5, 6]), ("rgpd", [2, 3])]


def test_a_lone_article_goes_with_the_rest_unless_it_ranks_first() -> None:
    ranked = [about(1, "care"), about(2, "ia"), about(3, "rgpd"), about(4, "ia"), about(5, "hds")]
    assert names(by_topic(ranked)) == [("care", [1]), ("ia", [2, 4]), (REST, [3, 5])]


def test_a_few_articles_need_no_sections_nor_do_many_of_one_topic() -> None:
    few = [about(n, topic) for n, topic in enumerate(("ia", "rgpd", "hds", "dpi")[: FEW - 1], 1)]
    assert names(by_topic(few)) == [("", [1, 2, 3, 4])]
    assert names(by_topic([about(n, "ia") for n in range(1, 9)])) == [("", [1, 2, 3, 4, 5, 6, 7, 8])]


@given(st.lists(TOPIC_SETS, max_size=30))
def test_every_article_stands_in_one_section(topics: list[set[str]]) -> None:
    ranked = [about(number, *some) for number, some in enumerate(topics, 1)]
    numbers = [number for section in by_topic(ranked) for number in section.articles]
    assert sorted(numbers) == [one.number for one in ranked]


def test_a_letter_is_split_between_sections() -> None:
    sections = [
        Section(name=name, articles=tuple(map(ArticleId, some))) for name, some in (("ia", (1, 2)), ("hds", (3,)))
    ]
    room = dict.fromkeys(map(ArticleId, (1, 2, 3)), ROOM // 2)
    assert [names(message) for message in in_messages(sections, room, 0)] == [[("ia", [1, 2])], [("hds", [3])]]


def test_a_section_that_no_message_holds_goes_on_in_the_next() -> None:
    section = Section(name="ia", articles=tuple(map(ArticleId, range(1, MOST + 2))))
    first, second = in_messages([section], dict.fromkeys(section.articles, 10), 0)
    assert [(len(one.articles), one.goes_on) for one in (*first, *second)] == [(MOST, False), (1, True)]


def test_deadlines_take_their_room_too() -> None:
    sections = [Section(name="", articles=(ArticleId(1),)), Section(name=DATES)]
    room = {ArticleId(1): ROOM - 10}
    assert len(in_messages(sections, room, 10)) == 1
    assert len(in_messages(sections, room, 11)) == 2


@given(st.lists(st.tuples(st.sampled_from(TOPICS), st.integers(1, 2 * ROOM)), max_size=60))
def test_nothing_is_lost_nor_told_twice_however_it_is_split(lines: list[tuple[str, int]]) -> None:
    room = {ArticleId(number): size for number, (_, size) in enumerate(lines, 1)}
    sections = by_topic([about(number, topic) for number, (topic, _) in enumerate(lines, 1)])
    messages = in_messages(sections, room, 0)
    told = [number for message in messages for section in message for number in section.articles]
    assert told == [number for section in sections for number in section.articles]
    for message in messages:
        numbers = [number for section in message for number in section.articles]
        assert len(numbers) <= MOST and (len(numbers) == 1 or sum(room[n] for n in numbers) <= ROOM)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TITLES, TOPIC_SETS, st.integers(0, 600)), min_size=1, max_size=24))
def test_neither_platform_leaves_out_a_line_that_was_reckoned_to_fit(rows: list[tuple[str, set[str], int]]) -> None:
    ranked = [
        about(n, *topics, title=title, url="https://exemple.test/" + "é/" * (length // 2))
        for n, (title, topics, length) in enumerate(rows, 1)
    ]
    posts = laid_out(ranked, left=7)
    for post in posts:
        shown = view(post, ranked)
        items = [item for block in shown.blocks if isinstance(block, Items) for item in block.items]
        telegram, discord = on_telegram(shown, "fr"), on_discord(shown, "fr")
        assert telegram["text"].count("• ") >= len(items) and "… et" not in telegram["text"].replace(
            "… et 7 autres", ""
        )
        for number in post.payload["articles"]:  # type: ignore[attr-defined]  # a list
            assert f"#{number}" in telegram["text"] and f"#{number}" in discord["embeds"][0]["description"]
    assert sum(len(post.payload["articles"]) for post in posts) == len(ranked)  # type: ignore[arg-type, misc]  # lists


def test_each_message_says_which_one_it_is_and_the_last_counts_what_is_left() -> None:
    ranked = [about(n, TOPICS[n % 3], title="Un titre assez long pour prendre de la place " * 4) for n in range(1, 25)]
    posts = laid_out(ranked, left=3)
    assert [post.key for post in posts] == [f"d:3:1{f':{n}' if n > 1 else ''}" for n in range(1, len(posts) + 1)]
    assert len(posts) > 1
    texts = [on_telegram(view(post, ranked), "fr")["text"] for post in posts]
    assert [f"La lettre de la semaine · {n}/{len(posts)}" in text for n, text in enumerate(texts, 1)] == [True] * len(
        posts
    )
    assert ["… et 3 autres articles" in text for text in texts] == [False] * (len(posts) - 1) + [True]


def test_a_letter_without_an_article_is_none() -> None:
    assert laid_out([]) == []

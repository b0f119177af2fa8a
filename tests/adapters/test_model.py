"""The adapter of a language model, against a stand-in: whatever it answers, an error of ours, and never the key."""

import asyncio
import traceback
from datetime import timedelta

import pytest
from pydantic import SecretStr

from adapters.model import MOST_BYTES, Model
from bot.errors import ModelError, UnusableAnswer
from tests.stands.model import KEY, ModelStand, Says, model_stand
from tests.text.articles import article

TEXT = article("Un titre fictif", "Le centre fictif forme ses équipes. " * 400)


def model(stand: ModelStand, **changes: object) -> Model:
    values: dict[str, object] = {
        "url": stand.url,
        "name": "petit-modele",
        "key": SecretStr(KEY),
        "within": timedelta(seconds=5),
        "first_wait": timedelta(milliseconds=1),
    }
    return Model(**{**values, **changes})  # type: ignore[arg-type]  # the names are those of Model


async def said(asked: Model) -> str:
    async with asked.open() as opened:
        return await opened.summarise(TEXT, "fr")


async def test_it_is_asked_once_with_the_text_as_data_and_no_tools() -> None:
    async with model_stand() as stand:
        assert await said(model(stand)) == "Le centre fictif forme ses équipes."
        (asked,) = stand.asked
        assert asked["model"] == "petit-modele" and "tools" not in asked
        assert stand.keys == [f"Bearer {KEY}"]
        assert len(stand.texts()[0]) <= 6_000
        assert "fictif" not in asked["messages"][0]["content"]


async def test_without_a_key_none_is_sent() -> None:
    async with model_stand() as stand:
        await said(model(stand, key=None))
        assert stand.keys == [""]


@pytest.mark.parametrize("ending", ["", "/v1", "/v1/chat/completions"])
async def test_the_address_may_be_given_in_any_of_the_usual_ways(ending: str) -> None:
    async with model_stand() as stand:
        assert await said(model(stand, url=stand.url + ending))


@pytest.mark.parametrize(
    "answer",
    [
        Says(body=b"not json"),
        Says(body=b'{"choices": []}'),
        Says(body=b'{"choices": [{"message": {"content": null}}]}'),
        Says(body=b"[" * 50_000),
        Says(body=b"\xff\xfe"),
        Says(content="Un résumé sans objet."),
        Says(content='{"summary": 3}'),
        Says(content='{"resume": "Le centre fictif."}'),
        Says(content='{"summary": "Le centre.", "severity": "critical"}'),
        Says(content='["Le centre fictif."]'),
        Says(body=b" " * (MOST_BYTES + 1)),
    ],
)
async def test_an_answer_that_is_no_summary_is_not_asked_for_again(answer: Says) -> None:
    async with model_stand(answer) as stand:
        with pytest.raises(UnusableAnswer):
            await said(model(stand))
        assert len(stand.asked) == 1


@pytest.mark.parametrize("first", [Says(status=500), Says(status=503), Says(status=429), Says(cut=True)])
async def test_what_passes_is_tried_again(first: Says) -> None:
    async with model_stand(first, first, Says()) as stand:
        assert await said(model(stand)) == "Le centre fictif forme ses équipes."
        assert len(stand.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 302, 204])
async def test_what_does_not_pass_is_told_at_once(status: int) -> None:
    async with model_stand(Says(status=status, headers={"Location": "http://voleur.test/"}, body=b"")) as stand:
        with pytest.raises(ModelError, match=str(status)) as caught:
            await said(model(stand))
        assert len(stand.asked) == 1 and not caught.value.passes


async def test_it_gives_up_after_three_times() -> None:
    async with model_stand(Says(status=500)) as stand:
        with pytest.raises(ModelError, match="500"):
            await said(model(stand))
        assert len(stand.asked) == 3


async def test_an_endpoint_that_asks_for_more_time_than_we_wait_is_left_alone() -> None:
    async with model_stand(Says(status=429, headers={"Retry-After": "3600"})) as stand:
        with pytest.raises(ModelError) as caught:
            await said(model(stand))
        assert caught.value.after == timedelta(hours=1) and len(stand.asked) == 1


async def test_a_short_wait_that_is_asked_for_is_kept() -> None:
    async with model_stand(Says(status=429, headers={"Retry-After": "1"}), Says()) as stand:
        assert await said(model(stand)) and len(stand.asked) == 2


async def test_an_endpoint_that_never_answers_is_an_error_in_time() -> None:
    gate = asyncio.Event()
    async with model_stand(Says(gate=gate)) as stand:
        with pytest.raises(ModelError, match="no answer"):
            await said(model(stand, within=timedelta(milliseconds=200)))
        gate.set()


async def test_nobody_there_is_an_error_that_names_the_setting() -> None:
    async with model_stand() as stand:
        gone = model(stand)
    with pytest.raises(ModelError, match="TOCSIN_LLM_URL"):
        await said(gone)


@pytest.mark.parametrize(
    ("url", "is_direct"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://10.0.0.7/v1", True),
        ("http://ollama:11434", True),
        ("http://localhost:8000", True),
        ("https://api.exemple.test/v1", False),
        ("https://8.8.8.8/v1", False),
    ],
)
def test_the_proxy_is_for_what_lies_behind_it(url: str, is_direct: bool) -> None:
    proxy = "http://proxy.exemple.test:3128"
    assert Model(url=url, name="m", proxy=proxy).through == (None if is_direct else proxy)


async def test_the_key_is_in_no_error_and_no_representation() -> None:
    shown = ""
    for answer in (Says(status=401, body=KEY.encode()), Says(body=KEY.encode()), Says(content=KEY), Says(cut=True)):
        async with model_stand(answer) as stand:
            asked = model(stand, url=stand.url.replace("http://", f"http://moi:{KEY}@"))
            shown += f"{asked!r} {asked.place}"
            for one in (asked, model(stand)):
                try:
                    await said(one)
                except ModelError:
                    shown += traceback.format_exc()
    assert "ModelError" in shown and "UnusableAnswer" in shown
    assert KEY not in shown

"""`tocsin doctor`: one line a check, one fix where it is needed, the worst line's exit code."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.model import Model
from bot.cli.doctor import State, of_clock, of_model, of_platform, of_settings
from bot.errors import PlatformError, TokenRefused, Unreachable
from bot.locale.say import Say
from bot.settings import read
from tests.cli.conftest import Ended, Tocsin
from tests.stands.model import Says, model_stand

SAY = Say("en")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def states(ended: Ended) -> dict[str, str]:
    return {line.split()[1]: line.split()[0] for line in ended.out.splitlines()}


def test_a_new_machine_is_well_but_for_the_token(tocsin: Tocsin) -> None:
    ended = tocsin("doctor")
    found = states(ended)
    assert ended.code == 1
    assert found == {
        "settings": "ok",
        "files": "ok",
        "sources": "ok",
        "database": "ok",
        "tokens": "warning",
        "clock": "ok",
    }


def test_it_makes_nothing(tocsin: Tocsin, tmp_path: Path) -> None:
    tocsin("doctor")
    assert list(tmp_path.iterdir()) == []


def test_bad_settings_are_its_errors(tocsin: Tocsin) -> None:
    ended = tocsin("doctor", TOCSIN_LANGUAGE="de", TOCSIN_POLL_MIN_SECONDS="0")
    assert ended.code == 2
    assert [line.split()[:2] for line in ended.out.splitlines()] == 2 * [["error", "settings"]]


def test_a_file_that_others_can_read_is_told_with_what_to_type(tocsin: Tocsin, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("TOCSIN_LANGUAGE=en\n")
    dotenv.chmod(0o644)
    ended = tocsin("doctor")
    (line,) = (line for line in ended.out.splitlines() if ".env" in line)
    assert line.startswith("warning")
    assert "chmod 600 .env" in line
    dotenv.chmod(0o600)
    assert states(tocsin("doctor"))["files"] == "ok"


def test_sources_of_a_kind_nobody_has_are_named(tocsin: Tocsin, tmp_path: Path) -> None:
    table = '[[source]]\nid = "{}"\ntitle = "X"\nurl = "https://{}.example"\nkind = "{}"\n'
    (tmp_path / "sources.toml").write_text(table.format("bon", "a", "feed") + table.format("drole", "b", "nonsense"))
    ended = tocsin("doctor", TOCSIN_SOURCES="sources.toml")
    (line,) = (line for line in ended.out.splitlines() if line.split()[1] == "sources")
    assert line.startswith("warning")
    assert "drole" in line
    assert "bon" not in line


def test_a_damaged_database_is_an_error_and_stays_as_it_is(tocsin: Tocsin, tmp_path: Path) -> None:
    damaged = tmp_path / "tocsin.db"
    damaged.write_bytes(b"this is no database" * 100)
    damaged.chmod(0o600)
    ended = tocsin("doctor", TOCSIN_DATABASE_URL=f"sqlite:///{damaged}")
    assert ended.code == 2
    assert states(ended)["database"] == "error"
    assert damaged.read_bytes() == b"this is no database" * 100


def test_a_token_that_cannot_be_tried_is_an_error_without_the_token(tocsin: Tocsin) -> None:
    ended = tocsin(
        "doctor",
        TOCSIN_TELEGRAM_TOKEN="123456789:AAF0canaryCanaryCanaryCanaryCanary_0",
        TOCSIN_TELEGRAM_API_URL="http://127.0.0.1:1",
    )
    assert ended.code == 2
    assert states(ended)["telegram"] == "error"
    assert "canary" not in ended.out + ended.err


def test_a_variable_that_is_no_setting_is_a_warning() -> None:
    (finding,) = of_settings(read({}), {"TOCSIN_LANGUAG": "fr"}, SAY)
    assert finding.state is State.WARNING
    assert "TOCSIN_LANGUAGE?" in finding.sentence


def test_a_short_key_is_a_warning_that_does_not_show_it() -> None:
    env = {"TOCSIN_SECRET_KEY": "canary"}
    (finding,) = of_settings(read(env), env, SAY)
    assert finding.state is State.WARNING
    assert "canary" not in finding.line()


@pytest.mark.parametrize(
    ("there", "state"),
    [
        (None, State.OK),
        (NOW + timedelta(seconds=5), State.OK),
        (NOW - timedelta(minutes=5), State.WARNING),
    ],
)
def test_the_clock_is_compared_when_it_can_be(there: datetime | None, state: State) -> None:
    assert of_clock(NOW, there, SAY).state is state


def test_a_clock_that_was_never_set_is_an_error() -> None:
    assert of_clock(datetime(1970, 1, 1, tzinfo=UTC), None, SAY).state is State.ERROR


class Examined:
    """As much of a platform as doctor asks for."""

    name = "telegram"

    def __init__(self, error: PlatformError | None = None) -> None:
        self._error = error

    async def check(self) -> str:
        if self._error is not None:
            raise self._error
        return "@tocsin_bot"


@pytest.mark.parametrize("error", [TokenRefused("telegram: refused"), Unreachable("telegram: no answer")])
async def test_a_platform_that_fails_is_an_error_with_a_fix(error: PlatformError) -> None:
    finding = await of_platform(Examined(error), SAY)
    assert finding.state is State.ERROR
    assert finding.fix


async def test_a_token_that_is_accepted_tells_the_name_of_the_bot() -> None:
    finding = await of_platform(Examined(), SAY)
    assert finding.state is State.OK
    assert "@tocsin_bot" in finding.sentence


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (Says(), State.OK, "petit-modele"),
        (Says(content="Voici"), State.WARNING, "JSON"),
        (Says(status=401), State.WARNING, "TOCSIN_LLM_KEY"),
        (Says(status=404), State.WARNING, "TOCSIN_LLM_MODEL"),
    ],
)
async def test_a_model_is_asked_for_one_summary(answer: Says, state: State, said: str) -> None:
    async with model_stand(answer) as stand, Model(url=stand.url, name="petit-modele").open() as model:
        finding = await of_model(model, SAY)
        assert finding.state is state and said in finding.line()
        assert len(stand.asked) == 1


def test_a_model_that_is_not_there_is_a_warning_without_its_key(tocsin: Tocsin) -> None:
    ended = tocsin(
        "doctor",
        TOCSIN_LLM_URL="http://127.0.0.1:1/v1",
        TOCSIN_LLM_MODEL="petit-modele",
        TOCSIN_LLM_KEY="canary-of-the-model-0123456789",
    )
    assert states(ended)["model"] == "warning" and ended.code == 1
    assert "canary" not in ended.out + ended.err

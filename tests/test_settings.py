"""Settings: what is accepted, and how everything that is not is told at once."""

import stat
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot import settings as variables
from bot.errors import ConfigError
from bot.settings import SECRETS, VARIABLES, Settings, environment, read, secret_key, unknown


def problems(env: Mapping[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(env)
    return list(caught.value.problems)


def test_nothing_has_to_be_set() -> None:
    settings = read({})
    assert settings.database_url == "sqlite:///./data/tocsin.db"
    assert settings.web_listen == ("127.0.0.1", 8080)
    assert settings.rhythm.least == timedelta(minutes=1)
    assert settings.rhythm.most == timedelta(days=1)
    assert settings.zone.key == "Europe/Paris"
    assert list(settings.secrets()) == []


def test_every_setting_is_read_from_its_variable() -> None:
    settings = read(
        {
            "TOCSIN_DATABASE_URL": "postgresql://tocsin:word@db/tocsin",
            "TOCSIN_TELEGRAM_TOKEN": " 123456:token \n",
            "TOCSIN_TELEGRAM_API_URL": "http://127.0.0.1:9001/",
            "TOCSIN_DISCORD_GATEWAY_URL": "ws://127.0.0.1:9002/gateway",
            "TOCSIN_WEB_LISTEN": "[::1]:0",
            "TOCSIN_PRIVATE_NETWORKS": "10.0.0.0/8, fd00::/8",
            "TOCSIN_OPERATORS": "telegram:42,discord:77",
            "TOCSIN_POLL_MIN_SECONDS": "1",
            "TOCSIN_LOG_LEVEL": "debug",
            "TOCSIN_LANGUAGE": "en",
        }
    )
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == "123456:token"
    assert settings.telegram_api_url == "http://127.0.0.1:9001"
    assert settings.discord_gateway_url == "ws://127.0.0.1:9002/gateway"
    assert settings.web_listen == ("::1", 0)
    assert settings.private_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert settings.operators == {("telegram", "42"), ("discord", "77")}
    assert settings.poll_min_seconds == 1
    assert settings.log_level == "DEBUG"
    assert settings.language == "en"


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert dict(read(dict.fromkeys(set(VARIABLES) - {"TOCSIN_WEB_LISTEN"}, "  "))) == dict(read({}))


def test_an_empty_web_listen_switches_the_pages_off() -> None:
    assert read({"TOCSIN_WEB_LISTEN": ""}).web_listen is None


WRONG = {
    "TOCSIN_DATABASE_URL": "mysql://db/tocsin",
    "TOCSIN_TELEGRAM_TOKEN": "two words",
    "TOCSIN_TELEGRAM_API_URL": "127.0.0.1:9001",
    "TOCSIN_TELEGRAM_WEBHOOK_URL": "http://example.org/hook",
    "TOCSIN_TELEGRAM_WEBHOOK_SECRET": "é",
    "TOCSIN_DISCORD_TOKEN": "a/b",
    "TOCSIN_DISCORD_API_URL": "ftp://example.org",
    "TOCSIN_DISCORD_GATEWAY_URL": "https://example.org",
    "TOCSIN_WEB_LISTEN": "8080",
    "TOCSIN_WEB_URL": "http://example.org:port/",
    "TOCSIN_SOURCES": "/nowhere/sources.toml",
    "TOCSIN_PRIVATE_NETWORKS": "10.0.0.1/8",
    "TOCSIN_HTTP_PROXY": "proxy",
    "TOCSIN_CA_FILE": "/nowhere/ca.pem",
    "TOCSIN_LANGUAGE": "de",
    "TOCSIN_TIMEZONE": "Paris",
    "TOCSIN_OPERATORS": "telegram:@name",
    "TOCSIN_POLL_MIN_SECONDS": "0",
    "TOCSIN_POLL_MAX_SECONDS": "1m",
    "TOCSIN_RETENTION_DAYS": "-1",
    "TOCSIN_LLM_URL": "model",
    "TOCSIN_LLM_KEY": "a key",
    "TOCSIN_LOG_LEVEL": "LOUD",
    "TOCSIN_LOG_FORMAT": "xml",
}


def test_all_problems_are_told_together_one_sentence_each() -> None:
    found = problems(WRONG)
    assert [sentence.partition("=")[0].partition(":")[0] for sentence in found] == list(WRONG)
    for sentence in found:
        assert "\n" not in sentence
        assert "give " in sentence


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_value_is_told_and_a_secret_one_never_shown(name: str) -> None:
    (sentence,) = problems({name: WRONG[name]})
    is_secret = name.removeprefix("TOCSIN_").lower() in SECRETS
    assert (repr(WRONG[name]) in sentence) is not is_secret


def test_a_password_in_an_address_is_not_shown_when_the_address_is_wrong() -> None:
    (sentence,) = problems({"TOCSIN_HTTP_PROXY": "socks5://me:canary@proxy"})
    assert "canary" not in sentence


def test_values_that_contradict_each_other_are_told() -> None:
    found = problems(
        {
            "TOCSIN_POLL_MIN_SECONDS": "100",
            "TOCSIN_POLL_MAX_SECONDS": "10",
            "TOCSIN_LLM_URL": "https://llm.example.org/v1",
            "TOCSIN_TELEGRAM_WEBHOOK_URL": "https://example.org/hook",
        }
    )
    assert len(found) == 3


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "token"
    kept.write_text("123456:from-a-file\n")
    token = read({"TOCSIN_TELEGRAM_TOKEN_FILE": str(kept)}).telegram_token
    assert token is not None
    assert token.get_secret_value() == "123456:from-a-file"


def test_a_secret_file_that_cannot_work_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    found = problems(
        {
            "TOCSIN_TELEGRAM_TOKEN": "123456:token",
            "TOCSIN_TELEGRAM_TOKEN_FILE": str(empty),
            "TOCSIN_DISCORD_TOKEN_FILE": str(tmp_path / "nowhere"),
            "TOCSIN_LLM_KEY_FILE": str(empty),
        }
    )
    assert len(found) == 3
    assert "123456:token" not in "".join(found)


def test_an_unknown_variable_is_told_with_the_nearest_known_one() -> None:
    (sentence,) = unknown({"TOCSIN_TELEGRAM_TOKE": "1", "TOCSIN_LANGUAGE": "fr", "PATH": "/bin"})
    assert "TOCSIN_TELEGRAM_TOKE " in sentence
    assert sentence.endswith("did you mean TOCSIN_TELEGRAM_TOKEN?")


def test_secrets_are_in_no_representation() -> None:
    settings = read(
        {f"TOCSIN_{name.upper()}": f"canary-{name}" for name in SECRETS if name != "database_url"}
        | {"TOCSIN_DATABASE_URL": "postgresql://me:canary@db/x", "TOCSIN_HTTP_PROXY": "http://me:canary@proxy:3128"}
    )
    assert "canary" not in repr(settings) + str(settings)
    assert {"canary", *(f"canary-{name}" for name in SECRETS if name != "database_url")} == set(settings.secrets())


def test_the_environment_goes_before_the_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("TOCSIN_LANGUAGE=en\nTOCSIN_TIMEZONE=Indian/Reunion\nOTHER=1\nTOCSIN_DISCORD_TOKEN=a$HOME\n")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOCSIN_LANGUAGE", "fr")
    monkeypatch.setenv("TOCSIN_TIMEZONE", "")
    env = environment(dotenv)
    assert env["TOCSIN_LANGUAGE"] == "fr"
    assert env["TOCSIN_TIMEZONE"] == "Indian/Reunion"  # empty is not set
    assert env["TOCSIN_DISCORD_TOKEN"] == "a$HOME"
    assert "OTHER" not in env


def test_the_key_is_made_once_beside_the_database_for_its_owner_only(tmp_path: Path) -> None:
    settings = read({"TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/deep/tocsin.db"})
    first = secret_key(settings)
    kept = tmp_path / "deep" / "tocsin.key"
    assert len(first) == 32
    assert secret_key(settings) == first
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["tocsin.key"]


def test_a_given_key_is_used_and_no_file_made(tmp_path: Path) -> None:
    env = {"TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/tocsin.db", "TOCSIN_SECRET_KEY": "long enough to be a key"}
    assert secret_key(read(env)) == secret_key(read(env)) != secret_key(read(env | {"TOCSIN_SECRET_KEY": "another"}))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_key_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "tocsin.key").touch()
    with pytest.raises(ConfigError, match="empty"):
        secret_key(read({"TOCSIN_DATABASE_URL": f"sqlite:///{tmp_path}/tocsin.db"}))


def test_settings_do_not_change_while_we_run() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(read({}), "language", "en")  # noqa: B010 the type checker refuses the plain form


def test_every_hint_reads_as_the_end_of_a_sentence() -> None:
    for name, field in variables.VARIABLES.items():
        assert field.description, name
        assert not field.description.endswith("."), name
        assert isinstance(Settings.model_fields[name.removeprefix("TOCSIN_").lower()].description, str)

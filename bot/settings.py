"""Every variable of the environment and of `.env`, checked together: the operator sees all the problems at once.

`read` takes a mapping, so that tests and the demo need no environment. A hint beside each default says what to give.
"""

import difflib
import hashlib
import os
import re
import secrets
import ssl
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)
from pydantic.fields import FieldInfo

from bot import logs
from bot.domain.source import Rhythm
from bot.errors import ConfigError

PREFIX = "TOCSIN_"
DOTENV = Path(".env")
MAY_BE_EMPTY = {"TOCSIN_WEB_LISTEN"}  # elsewhere an empty variable is one that is not set; here it says "off"

Network = IPv4Network | IPv6Network
Listen = tuple[str, int]


# -- how one value is read: a ValueError is told by the setting's hint, unless it is a Told ----------------------------


class Told(ValueError):
    """Says better than the hint what is wrong."""


def _url(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname or parts.port == 0:  # .port raises on "host:abc"
            raise ValueError
        return value.rstrip("/")

    return AfterValidator(check)


def _database(value: str) -> str:
    if value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
        return value
    if urlsplit(value).scheme in ("postgresql", "postgres") and urlsplit(value).path.strip("/"):
        return value
    raise ValueError


def _listen(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not value:
        return None
    parts = urlsplit(f"//{value}")
    if not parts.hostname or parts.port is None or parts.path:
        raise ValueError
    return parts.hostname, parts.port


def _list(value: object) -> object:
    return [part for part in re.split(r"[,\s]+", value) if part] if isinstance(value, str) else value


def _network(value: object) -> object:
    return ip_network(value) if isinstance(value, str) else value


def _operator(value: object) -> object:
    if not isinstance(value, str):
        return value
    platform, _, person = value.partition(":")
    if platform not in ("telegram", "discord") or not person.isdecimal():
        raise ValueError
    return platform, person


def _file(value: Path) -> Path:
    try:
        value.open("rb").close()
    except OSError as error:
        raise Told(f"cannot be read ({error.strerror}); give the path of a file that can") from None
    return value


def _authorities(value: Path) -> Path:
    try:
        ssl.create_default_context(cafile=value)
    except ssl.SSLError:
        raise Told("holds no certificate that can be read; give the path of a PEM file") from None
    return value


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError
    return value


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-.0-~]+", value.get_secret_value()):  # visible ASCII; a slash would cut the address
        raise ValueError
    return value


Url = Annotated[str, _url("http", "https")]
Token = Annotated[SecretStr, AfterValidator(_token)]
ReadableFile = Annotated[Path, AfterValidator(_file)]
Authorities = Annotated[ReadableFile, AfterValidator(_authorities)]


# -- the settings -----------------------------------------------------------------------------------------------------


class Settings(BaseModel):
    """What the operator chose. Each description completes the sentence "give …" of a problem."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: Annotated[str, AfterValidator(_database)] = Field(
        "sqlite:///./data/tocsin.db",
        repr=False,  # may hold a password
        description="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
    )
    telegram_token: Token | None = Field(None, description="the token exactly as BotFather wrote it")
    telegram_api_url: Url | None = Field(None, description="the http(s) address of your own Bot API server")
    telegram_webhook_url: Annotated[str, _url("https")] | None = Field(
        None, description="an https address Telegram can reach, or nothing for long polling"
    )
    telegram_webhook_secret: Token | None = Field(None, description="1 to 256 letters, digits, - or _")
    discord_token: Token | None = Field(None, description="the bot token exactly as the developer portal wrote it")
    discord_api_url: Url | None = Field(None, description="the http(s) address of your REST proxy, with /api/v10")
    discord_gateway_url: Annotated[str, _url("ws", "wss")] | None = Field(None, description="a ws:// or wss:// address")
    web_listen: Annotated[Listen | None, BeforeValidator(_listen)] = Field(
        ("127.0.0.1", 8080), description="HOST:PORT such as 127.0.0.1:8080, or nothing to switch the pages off"
    )
    web_url: Url | None = Field(None, description="the http(s) address people use to reach the pages")
    sources: ReadableFile | None = Field(None, description="the path of a sources file (TOML)")
    sources_approval: bool = Field(False, description="true or false")
    private_networks: Annotated[tuple[Annotated[Network, BeforeValidator(_network)], ...], BeforeValidator(_list)] = (
        Field((), description="networks such as 10.0.0.0/8,fd00::/8, separated by commas")
    )
    http_proxy: Url | None = Field(None, repr=False, description="an address such as http://proxy.example:3128")
    ca_file: Authorities | None = Field(None, description="the path of a PEM file of certificate authorities")
    language: Literal["fr", "en"] = Field("fr", description="fr or en")
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "Europe/Paris", description="a name of the IANA time zone list such as Europe/Paris or Indian/Reunion"
    )
    secret_key: SecretStr | None = Field(None, description="a long random text, or nothing to have one made")
    operators: Annotated[frozenset[Annotated[tuple[str, str], BeforeValidator(_operator)]], BeforeValidator(_list)] = (
        Field(frozenset(), description="telegram:ID,discord:ID with numeric ids, separated by commas")
    )
    poll_min_seconds: int = Field(60, ge=1, description="whole seconds, 1 or more")
    poll_max_seconds: int = Field(86_400, ge=1, description="whole seconds, 1 or more")
    retention_days: int = Field(730, ge=1, le=36_500, description="whole days, 1 or more")
    llm_url: Url | None = Field(None, description="the http(s) address of an OpenAI-compatible endpoint")
    llm_model: str | None = Field(None, description="the name of a model the endpoint serves")
    llm_key: Token | None = Field(None, description="the key of the endpoint exactly as it was given")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["console", "json"] = Field("console", description="console or json")

    _given: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def given(self) -> Mapping[str, str]:
        """What was set, variable by variable, as text: a platform reads its own there."""
        return self._given

    def without_tokens(self, database_url: str, tokens: Collection[str]) -> Self:
        """The same on another database, with nobody to speak to."""
        blank = {name.removeprefix(PREFIX).lower(): None for name in tokens if name in VARIABLES}
        changed = self.model_copy(update={**blank, "database_url": database_url})
        changed._given = {name: value for name, value in self._given.items() if name not in tokens}
        return changed

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(
            least=timedelta(seconds=self.poll_min_seconds),
            most=timedelta(seconds=self.poll_max_seconds),
        )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def database_file(self) -> Path | None:
        """None: the rows are not in a file of this machine."""
        path = self.database_url.removeprefix("sqlite:///")
        return None if path in (self.database_url, ":memory:") else Path(path)

    @property
    def key_file(self) -> Path:
        """Where the key is kept that we make ourselves: beside the database."""
        return (self.database_file or Path("data/tocsin.db")).with_suffix(".key")

    def secrets(self) -> Iterator[str]:
        """All that no output may show: secret fields, and the passwords inside addresses."""
        yield from (value for name, value in self._given.items() if name.endswith(("_TOKEN", "_KEY", "_SECRET")))
        for value in dict(self).values():
            if isinstance(value, SecretStr):
                yield value.get_secret_value()
            elif isinstance(value, str) and "://" in value and (password := urlsplit(value).password):
                yield password


SECRETS = ("telegram_token", "telegram_webhook_secret", "discord_token", "secret_key", "llm_key", "database_url")
VARIABLES: Mapping[str, FieldInfo] = {f"{PREFIX}{name.upper()}": f for name, f in Settings.model_fields.items()}
FILE_VARIABLES = tuple(f"{PREFIX}{name.upper()}_FILE" for name in SECRETS)


# -- reading them -----------------------------------------------------------------------------------------------------


def environment(dotenv: Path = DOTENV) -> dict[str, str]:
    """What is set, the process's own environment before `.env`. Raises ConfigError for a `.env` that cannot be read."""
    found = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    try:
        kept = dotenv_values(dotenv, interpolate=False)  # a token may hold a "$"
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{dotenv}: cannot be read ({error}); give a UTF-8 text file of NAME=value lines") from None
    for name, value in kept.items():
        is_set = name in found and (found[name].strip() or name in MAY_BE_EMPTY)
        if name.startswith(PREFIX) and value is not None and not is_set:
            found[name] = value
    return found


def read(env: Mapping[str, str], also: Mapping[str, bool] = MappingProxyType({})) -> Settings:
    """`also`: variables of platforms we know nothing of → whether each is a secret, which may stand in a file.

    Raises ConfigError with every problem found, one sentence each; no sentence shows a secret.
    """
    stripped = {name: value.strip() for name, value in env.items() if name in VARIABLES or name in also}
    given = {name: value for name, value in stripped.items() if value or name in MAY_BE_EMPTY}
    files = dict.fromkeys((*FILE_VARIABLES, *(f"{name}_FILE" for name, secret in also.items() if secret)))
    problems = list(_take_files(env, given, files))
    if level := given.get("TOCSIN_LOG_LEVEL"):
        given["TOCSIN_LOG_LEVEL"] = level.upper()
    try:
        ours = {name.removeprefix(PREFIX).lower(): value for name, value in given.items() if name in VARIABLES}
        settings = Settings.model_validate(ours)
    except ValidationError as error:
        problems += dict.fromkeys(_sentence(e["loc"][0], e.get("ctx", {}), given) for e in error.errors())
    else:
        problems += _contradictions(settings)
        if not problems:
            settings._given = given
            return settings
    raise ConfigError(*problems)


def unknown(env: Mapping[str, str], also: Iterable[str] = ()) -> list[str]:
    """One sentence for each variable that looks like ours and is not: it is ignored, so a slip would go unseen."""
    known = [*VARIABLES, *FILE_VARIABLES, *also, *(f"{name}_FILE" for name in also)]
    sentences = []
    for name in sorted(env):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            sentences.append(f"{name} is not a setting and is ignored" + (f": did you mean {near[0]}?" if near else ""))
    return sentences


def _take_files(env: Mapping[str, str], given: dict[str, str], variables: Iterable[str]) -> Iterator[str]:
    """Secrets kept in files join `given`; yields the problems."""
    for variable in variables:
        path = env.get(variable, "").strip()
        name = variable.removesuffix("_FILE")
        if not path:
            continue
        if name in given:
            yield f"{name} and {variable} are both set: keep one of them"
            continue
        try:
            value = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            yield f"{variable}={path!r}: cannot be read ({reason}); give the path of a file that holds {name}"
        else:
            if value:
                given[name] = value
            else:
                yield f"{variable}={path!r}: the file is empty; write the value of {name} into it"


def _sentence(field: int | str, context: Mapping[str, Any], given: Mapping[str, str]) -> str:
    variable = f"{PREFIX}{str(field).upper()}"
    shown = "" if field in SECRETS else f"={_without_password(given[variable])!r}"
    error = context.get("error")
    return f"{variable}{shown}: " + (
        str(error) if isinstance(error, Told) else f"give {VARIABLES[variable].description}"
    )


def _without_password(value: str) -> str:
    return re.sub(r"(//[^/@\s:]*):[^/@\s]*@", r"\1:***@", value)


def _contradictions(settings: Settings) -> Iterator[str]:
    if settings.poll_min_seconds > settings.poll_max_seconds:
        yield (
            f"TOCSIN_POLL_MIN_SECONDS={settings.poll_min_seconds} is more than "
            f"TOCSIN_POLL_MAX_SECONDS={settings.poll_max_seconds}: lower one or raise the other"
        )
    secret = settings.telegram_webhook_secret
    if settings.telegram_webhook_url and secret is None:
        yield "TOCSIN_TELEGRAM_WEBHOOK_URL is set without TOCSIN_TELEGRAM_WEBHOOK_SECRET: give the secret too"
    if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
        yield f"TOCSIN_TELEGRAM_WEBHOOK_SECRET: give {VARIABLES['TOCSIN_TELEGRAM_WEBHOOK_SECRET'].description}"
    if settings.llm_url and not settings.llm_model:
        yield "TOCSIN_LLM_URL is set without TOCSIN_LLM_MODEL: give the model's name too"


# -- the key that signs and encrypts ----------------------------------------------------------------------------------


def secret_key(settings: Settings) -> bytes:
    """32 bytes, the same at every start. Made at the first one, in a file only its owner reads, if none is given."""
    text = settings.secret_key.get_secret_value() if settings.secret_key else _kept_key(settings.key_file)
    logs.keep_secret(text)
    return hashlib.sha256(text.encode()).digest()


def _kept_key(path: Path) -> str:
    try:
        if not path.exists():
            _make_key(path)
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a key"
        raise ConfigError(
            f"{path}: cannot be read or made ({reason}); set TOCSIN_SECRET_KEY or TOCSIN_SECRET_KEY_FILE"
        ) from None
    if not text:
        raise ConfigError(f"{path}: the file is empty; put the key back, or remove the file to have a new one made")
    return text


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)  # never over the key of a process that was faster, never half a key
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()

"""The command line in this process, in an empty folder, with nothing set but what a test sets."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.__main__ import code_of
from tests.put_back import logging_put_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str


Tocsin = Callable[..., Ended]


@pytest.fixture
def tocsin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Tocsin]:
    """`tocsin("sources", "list", TOCSIN_LANGUAGE="en")`"""
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **env: str) -> Ended:
        with monkeypatch.context() as patched, logging_put_back():
            for name, value in env.items():
                patched.setenv(name, value)
            code = code_of(arguments)
        told = capsys.readouterr()
        return Ended(code=code, out=told.out, err=told.err)

    yield run

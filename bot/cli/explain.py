"""`tocsin analyse FILE --explain ID`: which words decided, as lines for people or as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from bot.cli.start import Screen
from bot.domain.deadline import Claim
from bot.locale.say import Say
from bot.pipeline.lines import Line
from bot.text.deadline_reasons import Reasons, Sign
from bot.text.explain import Explained, Reason

LONGEST_TITLE = 200  # characters: what stands below it is what was asked for
LIGHT = 0.1  # a weight under it decides nothing


def show(line: Line, found: Explained, screen: Screen) -> None:
    for sentence in sentences(line, found, screen.say):
        screen.line(sentence)


def sentences(line: Line, found: Explained, say: Say) -> Iterator[str]:
    kind = say(f"alert.{found.kind}")
    yield line.entry.title[:LONGEST_TITLE]
    yield ""
    score = {"kind": kind, "score": _signed(found.score), "enough": _signed(found.enough)}
    yield say("cli.explain.alert", **score) if found.alert else say("cli.explain.no_alert", **score)
    yield f"  {_signed(found.bias):>6}  {say('cli.explain.bias')}"
    for reason in found.reasons:
        if abs(reason.weight) >= LIGHT:
            yield f"  {_signed(reason.weight):>6}  {_reason(reason, say)}"
    if found.alert:
        severity = say(f"severity.{found.alert.severity.name.lower()}")
        words = ", ".join(_quoted(words, say) for words in found.severity) or say("cli.explain.by_days")
        yield say("cli.explain.severity", severity=severity, words=words)
    yield say("cli.explain.topics") if found.topics else say("cli.explain.no_topic")
    for topic, words in found.topics:
        shown = _quoted(words, say) if words else say("cli.explain.follows")
        yield say("cli.explain.pair", name=say(f"topic.{topic}"), words=shown)
    yield say("cli.explain.deadlines") if found.deadlines else say("cli.explain.no_deadline")
    yield from (f"  {_claim(claim, say)}" for claim in found.deadlines)
    if found.put_aside:
        yield say("cli.explain.put_aside")
        yield from (f"  {_claim(claim, say)}" for claim in found.put_aside)
    yield from _dates(found.dates, say)


def _dates(found: Reasons, say: Say) -> Iterator[str]:
    for one in found.dates:
        score = {"phrase": one.phrase, "score": _signed(one.score), "enough": _signed(found.enough)}
        yield say("cli.explain.date", **score) if one.is_deadline else say("cli.explain.no_date", **score)
        yield f"  {_signed(found.bias):>6}  {say('cli.explain.bias')}"
        for sign in one.signs:
            if abs(sign.weight) >= LIGHT:
                yield f"  {_signed(sign.weight):>6}  {_sign(sign, say)}"


def _sign(sign: Sign, say: Say) -> str:
    said = say(f"evidence.{sign.signal.replace(' ', '-')}")
    if sign.words:
        said = say("cli.explain.words", reason=said, words=_quoted(sign.words, say))
    return say(f"cli.explain.in_{sign.place}", reason=said) if sign.place else said


def _reason(reason: Reason, say: Say) -> str:
    said = say(f"signal.{reason.signal}")
    if reason.words:
        said = say("cli.explain.words", reason=said, words=_quoted(reason.words, say))
    return say("cli.explain.in_title", reason=said) if reason.in_title else said


def _claim(claim: Claim, say: Say) -> str:
    what = f"{claim.date.isoformat()}  {claim.what}"
    return say("cli.explain.pair", name=what, words=_quoted(claim.phrase, say))


def _quoted(words: str, say: Say) -> str:
    return say("cli.explain.quoted", words=words)


def _signed(value: float) -> str:
    return f"{value:+.2f}"


def as_json(line: Line, found: Explained) -> str:
    return json.dumps(_values(line, found), ensure_ascii=False, indent=2)


def _values(line: Line, found: Explained) -> Mapping[str, Any]:
    return {
        "id": line.id,
        "is_alert": found.alert is not None,
        "type": found.kind.value,
        "score": found.score,
        "enough": found.enough,
        "bias": found.bias,
        "signals": [
            {"signal": r.signal, "words": r.words, "weight": r.weight, "in_title": r.in_title} for r in found.reasons
        ],
        "severity": found.alert.severity.name.lower() if found.alert else None,
        "severity_words": list(found.severity),
        "topics": [{"topic": topic, "words": words} for topic, words in found.topics],
        "deadlines": _claims(found.deadlines),
        "put_aside": _claims(found.put_aside),
        "dates": _dates_values(found.dates),
    }


def _dates_values(found: Reasons) -> Mapping[str, Any]:
    return {
        "enough": found.enough,
        "bias": found.bias,
        "read": [
            {
                "phrase": one.phrase,
                "days": [{"date": day.isoformat(), "edge": edge.value} for day, edge in one.days],
                "score": one.score,
                "is_deadline": one.is_deadline,
                "signals": [
                    {"signal": s.signal, "words": s.words, "weight": s.weight, "place": s.place} for s in one.signs
                ],
            }
            for one in found.dates
        ],
    }


def _claims(claims: Sequence[Claim]) -> list[Mapping[str, Any]]:
    return [
        {
            "date": claim.date.isoformat(),
            "edge": claim.edge.value,
            "what": claim.what,
            "phrase": claim.phrase,
            "rule": claim.rule,
            "confidence": round(claim.confidence, 2),
        }
        for claim in claims
    ]


def echo(line: Line, found: Explained, say: Say, *, json_wanted: bool) -> None:
    if json_wanted:
        click.echo(as_json(line, found))
    else:
        show(line, found, Screen(say))

"""Rules on `x-job`: settings that make no sense together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from memshelf_gen.breakingrules import TEXTS
from memshelf_gen.edits import Remove, Replace
from memshelf_gen.jobchanges import seconds
from memshelf_gen.jobkeys import JOB
from memshelf_gen.lint.rule import Rule, rule
from memshelf_gen.lint.subject import Flaw, Subject
from memshelf_gen.problem import nearest
from memshelf_gen.sizes import bytes_of
from memshelf_gen.spec import RetrySpec

_WAITING = ("backoff", "delay", "max_delay", "jitter")
_DEFAULT = RetrySpec()
_LEAVE_OUT = "leave it out"


@rule("idle-setting", "warning", "a setting in `x-job` has no effect beside the others", fixable=True)
def idle_setting(subject: Subject) -> Iterator[Flaw]:
    settings = _settings(subject)
    retries = settings.get("retries")
    if isinstance(retries, dict):
        for key, text, fix in _idle_retries(retries):
            edits = (Remove((JOB, "retries", key)),) if fix == _LEAVE_OUT else ()
            yield subject.flaw(text, JOB, "retries", key, fix=fix, edits=edits)
    if settings.get("compatibility") == "none" and settings.get("allow_breaking"):
        text = "excuses nothing, because compatibility: none asks for nothing"
        yield subject.flaw(text, JOB, "allow_breaking", fix="leave one of the two out")


def _idle_retries(retries: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if retries.get("max") == 0:
        for key in retries:
            if key in _WAITING:
                yield key, "has no effect, because max: 0 retries nothing", _LEAVE_OUT
        return
    delay, longest = retries.get("delay", _DEFAULT.delay), retries.get("max_delay", _DEFAULT.max_delay)
    if retries.get("backoff") == "fixed" and "max_delay" in retries and seconds(delay) <= seconds(longest):
        yield "max_delay", "has no effect, because backoff: fixed always waits as long as delay says", _LEAVE_OUT
    if seconds(delay) == 0 and retries.get("backoff", "fixed") != "fixed":
        yield "backoff", f"has no effect, because delay: {delay} grows to nothing else", "write a delay above zero"


@rule("contradictory-settings", "warning", "two settings in `x-job` contradict each other, or the schema")
def contradictory_settings(subject: Subject) -> Iterator[Flaw]:
    settings = _settings(subject)
    retries = settings.get("retries")
    if isinstance(retries, dict) and retries.get("max") != 0:
        delay, longest = retries.get("delay", _DEFAULT.delay), retries.get("max_delay", _DEFAULT.max_delay)
        if seconds(delay) > seconds(longest):
            key = "delay" if "delay" in retries else "max_delay"
            text = f"the first wait of {delay} is longer than the longest, {longest}"
            yield subject.flaw(text, JOB, "retries", key, fix="write a max_delay that is at least as long")
    if "max_payload" in settings:
        yield from _too_large(subject, bytes_of(settings["max_payload"]))


def _too_large(subject: Subject, most: int) -> Iterator[Flaw]:
    """Give the examples of whole payloads that are larger than a payload may be."""
    examples = subject.keywords.get("examples")
    for index, example in enumerate(examples if isinstance(examples, list) else ()):
        size = len(json.dumps(example, ensure_ascii=False, separators=(",", ":")).encode())
        if size > most:
            text = f"the example has {size} bytes, and max_payload allows {most}"
            yield subject.flaw(text, "examples", index, fix="allow larger payloads, or write a smaller example")


@rule("unknown-excuse", "warning", "an excuse in `allow_breaking` names a rule that there is not", fixable=True)
def unknown_excuse(subject: Subject) -> Iterator[Flaw]:
    for index, excuse in enumerate(_settings(subject).get("allow_breaking", ())):
        if excuse["rule"] not in TEXTS:
            near = nearest(excuse["rule"], TEXTS)
            text = f"memshelf-gen breaking has no rule {excuse['rule']!r}"
            fix = f"did you mean {near!r}?" if near else "copy the rule from its finding"
            edits = (Replace((JOB, "allow_breaking", index, "rule"), near),) if near else ()
            yield subject.flaw(text, JOB, "allow_breaking", index, "rule", fix=fix, edits=edits)


def _settings(subject: Subject) -> dict[str, Any]:
    found: dict[str, Any] = subject.keywords[JOB] if subject.is_job else {}
    return found


RULES: tuple[Rule, ...] = (idle_setting, contradictory_settings, unknown_excuse)

"""The payloads of the tests' application."""

from __future__ import annotations

from typing import Literal, TypedDict

from pydantic import Field

from memshelf.payload import MISSING, Payload


class EchoPayload(Payload):
    """Nothing, or a text."""

    text: str | MISSING = MISSING


class SlowPayload(Payload):
    """How long a coroutine sleeps."""

    seconds: int | float


class FailPayload(Payload):
    """How often the handler raises."""

    times: int


class PlainPayload(Payload):
    """How long a thread sleeps."""

    seconds: int | float


class LetterAddress(Payload):
    """Where a letter goes."""

    city: str
    lines: list[str] | MISSING = MISSING


class LetterPayload(Payload):
    """A payload with a property of every kind."""

    to: str
    template_id: str | MISSING = Field(default=MISSING, validation_alias="templateId", serialization_alias="templateId")
    copies: int | MISSING = MISSING
    weight: int | float | MISSING = MISSING
    urgent: bool | MISSING = MISSING
    colour: Literal["white", "blue"] | MISSING = MISSING
    tags: list[str] | MISSING = MISSING
    address: LetterAddress | MISSING = MISSING
    reference: str | int | MISSING | None = MISSING


class EchoPayloadDict(TypedDict, total=False):
    """The object that travels for `EchoPayload`."""

    text: str


class SlowPayloadDict(TypedDict):
    """The object that travels for `SlowPayload`."""

    seconds: float


class FailPayloadDict(TypedDict):
    """The object that travels for `FailPayload`."""

    times: int


class PlainPayloadDict(TypedDict):
    """The object that travels for `PlainPayload`."""

    seconds: float

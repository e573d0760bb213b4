"""Use what is generated as people do; a wrong use is marked, and the type checkers must agree that it is wrong."""

from __future__ import annotations

from shapes_generated import ChoicePayload, EverythingPayload
from shapes_generated.models.everything import EverythingPayloadBoth

from memshelf import MISSING

BOTH = EverythingPayloadBoth(id=1, more=2)
WHOLE = EverythingPayload(id=1, both=BOTH, text=None, mixed=2.5)
PART = EverythingPayload(id=2)  # type: ignore[call-arg]


def read(payload: EverythingPayload, choice: ChoicePayload) -> None:
    number: int | float = payload.both.more
    if payload.tree is not MISSING and payload.tree.children is not MISSING:
        print(payload.tree.children[0].children, number)

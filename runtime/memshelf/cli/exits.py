"""What the exit codes of the command mean."""

from __future__ import annotations

from memshelf.errors import InputError, MemshelfError

FAILED = 1
"""The store did not answer, a job was in the wrong state, or the health is bad."""
BAD_INPUT = 2
"""A payload, an option or a setting cannot be used."""
LEFT_BEHIND = 3
"""The worker ended while handlers were still at work in threads."""


def exit_code(error: MemshelfError) -> int:
    """Give the code for an error."""
    return BAD_INPUT if isinstance(error, InputError) else FAILED

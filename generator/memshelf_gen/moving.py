"""Lead the relative imports of a file that moves to another package where they led before."""

from __future__ import annotations

from itertools import takewhile

import libcst as cst

from memshelf_gen.editing import Editor, edited


def anchored(source: bytes, *, before: str, now: str) -> bytes:
    """Give the bytes of a file that was in one package and is in another; nothing but the paths of imports changes.

    Raises:
        NotKept: another byte would change.
        UnicodeEncodeError: the file's encoding lacks a character of a package's name.
    """
    return edited(source, lambda text: _Anchoring(text, before, now))


class _Anchoring(Editor):
    def __init__(self, text: str, before: str, now: str) -> None:
        super().__init__(text)
        self._before = before.split(".")
        self._now = now.split(".")

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        above = len(node.relative) - 1
        if 0 <= above < len(self._before):
            named = self.code(node.module).split(".") if node.module else []
            target = [*self._before[: len(self._before) - above], *named]
            self.change([*node.relative, *([node.module] if node.module else [])], self._relative(target))

    def _relative(self, target: list[str]) -> str:
        """Write a path as it is seen from the new package."""
        together = len([*takewhile(lambda pair: pair[0] == pair[1], zip(self._now, target, strict=False))])
        return "." * (len(self._now) - together + 1) + ".".join(target[together:])

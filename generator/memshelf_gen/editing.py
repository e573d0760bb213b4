"""Change places of a Python file that a walk through its syntax tree finds; every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import libcst as cst
from libcst.metadata import CodePosition, CodeRange, MetadataWrapper, PositionProvider

from memshelf_gen.spans import LINE_END, NotKept, Span, decoded, replaced


class Editor(cst.CSTVisitor):
    """Walks through a tree and collects the places to change."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.spans: list[Span] = []
        self._lines = [0, *(end.end() for end in LINE_END.finditer(text))]

    def change(self, node: cst.CSTNode | Sequence[cst.CSTNode], new: str) -> None:
        """Note that something else shall stand in the place of a node, or of several that follow each other."""
        nodes = [node] if isinstance(node, cst.CSTNode) else node
        start, end = self.span(nodes[0])[0], self.span(nodes[-1])[1]
        self.spans.append(Span(start, end, new, self.text[start:end]))

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Give where a node starts and ends, in characters."""
        place = self.get_metadata(PositionProvider, node)
        assert isinstance(place, CodeRange)
        return self._at(place.start), self._at(place.end)

    def code(self, node: cst.BaseExpression | None) -> str:
        """Give the text of a dotted name, whatever stands between its parts."""
        return "" if node is None else re.sub(r"\s", "", cst.Module(body=[]).code_for_node(node))

    def _at(self, position: CodePosition) -> int:
        return self._lines[position.line - 1] + position.column


def edited(source: bytes, editor: Callable[[str], Editor]) -> bytes:
    """Give the file's bytes with what an editor of its text changes.

    Raises:
        NotKept: another byte would change.
        UnicodeEncodeError: the file's encoding lacks a character of what is new.
    """
    text = decoded(source).content
    try:
        tree = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise NotKept(f"libcst cannot read it: {error.message}") from error
    if tree.code != text:
        raise NotKept("libcst reads it as another text")
    walk = editor(text)
    MetadataWrapper(tree, unsafe_skip_copy=True).visit(walk)
    return replaced(source, walk.spans)

"""Break a logical line that is too long as black does, so that black leaves generated files as they are.

A line that is too long breaks at its last pair of brackets (a function at its first), at one more to the left if that
is what it takes, and the content of brackets that is too long, or that ends in a comma, is written one item a line.

The rules are those of black's stable style for the statements that generated code has: imports, assignments with and
without an annotation, calls, `return`, and functions, whose parameters may have types of any length, but whose return
types are short and hold no brackets that would have to be broken. Tests compare with black itself, on such statements
made at random and on whole generated projects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from memshelf_gen.emit.leaves import Leaf, copies, is_definition, is_import
from memshelf_gen.emit.lines import COMMA, DOT, CannotSplit, Component, Line, is_single, part_of
from memshelf_gen.emit.parentheses import Right, can_omit, prefers


def broken(leaves: list[Leaf], *, depth: int, limit: int, inside: bool = False) -> tuple[str, ...]:
    """Give the lines of a statement, or of an item that stands `inside` brackets whose lines are others."""
    lines = _transformed(_line(leaves, depth, inside), limit, forced=False)
    written = [leaf for line in lines for leaf in line.leaves]
    if len(written) > len(leaves) or any(leaf.optional and leaf.text for leaf in written):
        # As black does: commas that were added ask for one item a line, and parentheses may be needed no more.
        lines = _transformed(_line(copies(written), depth, inside), limit, forced=False)
    return tuple(str(each).rstrip() for each in lines)


def _line(leaves: list[Leaf], depth: int, inside: bool) -> Line:
    line = Line(depth, inside)
    for leaf in leaves:
        line.append(leaf)
    return line


def _transformed(line: Line, limit: int, *, forced: bool) -> list[Line]:
    if not line.explodes and not line.magic and line.fits(limit):
        return [line]
    splits: list[_Split] = [_at_right]
    if is_definition(line.leaves):
        splits = [_at_left]
    elif line.inside:
        splits = [_at_delimiters, _at_right]
    for split in splits:
        try:
            return _tried(line, split, limit, forced=forced)
        except CannotSplit:
            continue
    return [line]


_Split = Callable[[Line, int, bool], list[Line]]


def _tried(line: Line, split: _Split, limit: int, *, forced: bool) -> list[Line]:
    """Break a line and its parts; parentheses that were left out get a second chance if that leaves it too long."""
    whole = str(line)
    outer = [each for each in line.optional if each.depth == 0]
    untouched = copies(line.leaves) if split is _at_right and line.optional and not forced else []
    result: list[Line] = []
    for part in split(line, limit, forced):
        if str(part).strip("\n") == whole:
            raise CannotSplit
        result += _transformed(part, limit, forced=forced)
    if (
        forced
        or split is not _at_right
        or not line.optional
        or any(each.text for each in outer)
        or result[0].fits(limit)
    ):
        return result
    again = Line(line.depth, line.inside, magic=line.magic, explodes=line.explodes)
    for leaf in untouched:
        again.append(leaf)
    second = _tried(again, split, limit, forced=True)
    return second if all(each.fits(limit) for each in second) else result


def _at_left(line: Line, limit: int, forced: bool) -> list[Line]:
    """Break at the first pair of brackets that holds something."""
    head: list[Leaf] = []
    body: list[Leaf] = []
    tail: list[Leaf] = []
    now = head
    opener: Leaf | None = None
    for leaf in line.leaves:
        if now is body and leaf.kind == "close" and leaf.opener is opener:
            now = tail if body else head
        now.append(leaf)
        if now is head and leaf.kind == "open" and leaf.text in ("", "("):
            opener, now = leaf, body
    if opener is None or not tail:
        raise CannotSplit
    _show(opener, tail[0])
    return _parts(line, head, body, tail, opener)


def _at_right(line: Line, limit: int, forced: bool) -> list[Line]:
    """Break at the last pair of brackets, or at one to the left of it that makes the first line fit."""
    first: list[Line] | None = None
    for omit in _omits(line, limit):
        lines = _right(line, limit, forced, omit)
        if first is None and not omit:
            first = lines
        if lines[0].fits(limit):
            return lines
    return first if first is not None else _right(line, limit, forced, frozenset())


def _right(line: Line, limit: int, forced: bool, omit: frozenset[int]) -> list[Line]:
    return _without_optional(_split_right(line, omit), line, limit, forced, omit)


def _split_right(line: Line, omit: frozenset[int]) -> Right:
    head: list[Leaf] = []
    body: list[Leaf] = []
    tail: list[Leaf] = []
    now = tail
    opener: Leaf | None = None
    closing: Leaf | None = None
    for leaf in reversed(line.leaves):
        if now is body and leaf is opener:
            now = head if body else tail
        now.append(leaf)
        if now is tail and leaf.kind == "close" and id(leaf) not in omit:
            opener, closing, now = leaf.opener, leaf, body
    if opener is None or closing is None or not head:
        raise CannotSplit
    parts = [list(reversed(each)) for each in (head, body, tail)]
    made = [part_of(line, part, opener, component) for part, component in zip(parts, Component, strict=True)]
    _check(made[1], made[2])
    return Right(made[0], made[1], made[2], opener, closing)


def _without_optional(right: Right, line: Line, limit: int, forced: bool, omit: frozenset[int]) -> list[Line]:
    """Try a break without the optional parentheses, if it is at these."""
    optional = not right.opener.text and not right.closing.text
    if not forced and optional and not is_import(line.leaves) and can_omit(right, limit):
        fewer = omit | {id(right.closing)}
        try:
            other = _split_right(line, fewer)
            if prefers(other, right, limit):
                return _without_optional(other, line, limit, forced, fewer)
        except CannotSplit:
            chained = sum(leaf.kind == "=" for leaf in line.leaves) > 1
            if not chained and len(right.body.leaves) < 2 and not right.body.fits(limit):
                raise
    _show(right.opener, right.closing)
    return [each for each in (right.head, right.body, right.tail) if each.leaves]


def _omits(line: Line, limit: int) -> Iterator[frozenset[int]]:
    """Give the closing brackets to pass over, more and more of them from the right."""
    omit: frozenset[int] = frozenset()
    if not line.magic:
        yield omit
    length = 4 * line.depth
    opener: Leaf | None = None
    closing: Leaf | None = None
    inner: set[int] = set()
    for index in range(len(line.leaves) - 1, -1, -1):
        leaf = line.leaves[index]
        before = line.leaves[index - 1] if index else None
        length += len(leaf.space) + len(leaf.text)
        if length > limit:
            return
        asks = before is not None and before.kind == "," and leaf.kind == "close" and not is_single(leaf, line.leaves)
        if opener is not None:
            if leaf is opener:
                opener = None
            elif leaf.kind == "close":
                if asks:
                    return
                inner.add(id(leaf))
        elif leaf.kind == "close":
            if before is not None and before.kind == "open":
                inner.add(id(leaf))
                continue
            if closing is not None:
                omit |= {id(closing), *inner}
                inner.clear()
                yield omit
            if asks:
                return
            if leaf.text:
                opener, closing = leaf.opener, leaf


def _at_delimiters(line: Line, limit: int, forced: bool) -> list[Line]:
    """Break at every sign of the highest priority."""
    last = line.leaves[-1]
    priority = line.priority(but=last)
    if not priority or (priority == DOT and line.count(priority) == 1):
        raise CannotSplit
    made = [Line(line.depth, line.inside)]
    for leaf in line.leaves:
        made[-1].append(leaf)
        if line.delimiters.get(id(leaf)) == priority:
            made.append(Line(line.depth, line.inside))
    if not made[-1].leaves:
        made.pop()
    if priority == COMMA and made[-1].leaves[-1].kind != ",":
        made[-1].append(Leaf(",", kind=",", annotation=last.annotation))
    return made


def _parts(line: Line, head: list[Leaf], body: list[Leaf], tail: list[Leaf], opener: Leaf) -> list[Line]:
    made = [part_of(line, part, opener, each) for part, each in zip((head, body, tail), Component, strict=True)]
    _check(made[1], made[2])
    return [each for each in made if each.leaves]


def _check(body: Line, tail: Line) -> None:
    if not body.leaves and len(str(tail).strip()) < 3:
        raise CannotSplit


def _show(opener: Leaf, closing: Leaf) -> None:
    """Write optional parentheses."""
    if not opener.text:
        opener.text, closing.text = "(", ")"

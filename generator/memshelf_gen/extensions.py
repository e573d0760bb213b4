"""Find what other distributions add to the generator, by the entry points that they declare."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from memshelf_gen.problem import InvalidInput, Problem, did_you_mean
from memshelf_gen.settings import FILE, TABLE


@dataclass(frozen=True, slots=True)
class Extension:
    """One thing that a distribution adds."""

    name: str
    """As the configuration names it."""
    point: EntryPoint
    setting: str
    """The key of the configuration that names it."""

    @property
    def origin(self) -> str:
        """The distribution and its version: `acme-tools 1.2.0`."""
        dist = self.point.dist
        return f"{dist.name} {dist.version}" if dist is not None else self.point.value

    def load(self) -> Any:
        """Import it.

        Raises:
            InvalidInput: it cannot be imported.
        """
        try:
            return self.point.load()
        # What somebody else's module raises when it is imported can be anything.
        except (Exception, SystemExit) as error:
            raise self.fault(f"cannot be imported from {self.point.value}: {described(error)}") from error

    def fault(self, text: str) -> InvalidInput:
        """Give the refusal that names the extension and where it comes from."""
        return InvalidInput([Problem(FILE, 0, 0, f"{TABLE}.{self.setting}", f"{self.name} of {self.origin} {text}")])


def find(group: str, names: tuple[str, ...], *, setting: str) -> tuple[Extension, ...]:
    """Find the extensions of a group that the configuration names, in its order.

    Raises:
        InvalidInput: one is not installed, or two distributions have one of that name.
    """
    installed: dict[str, dict[str, Extension]] = {}
    for point in entry_points(group=group):
        extension = Extension(point.name, point, setting)
        installed.setdefault(point.name, {}).setdefault(extension.origin, extension)
    problems: list[Problem] = []
    found: list[Extension] = []
    for name in names:
        known = installed.get(name, {})
        if len(known) == 1:
            found += known.values()
        elif known:
            text = f"{name!r} is in more than one distribution: {', '.join(sorted(known))}; uninstall all but one"
            problems.append(Problem(FILE, 0, 0, f"{TABLE}.{setting}", text))
        else:
            otherwise = f"; installed are {', '.join(sorted(installed))}" if installed else "; none is"
            hint = did_you_mean(name, installed, otherwise=otherwise)
            text = f"{name!r} is not installed: no distribution has it as an entry point of {group}{hint}"
            problems.append(Problem(FILE, 0, 0, f"{TABLE}.{setting}", text))
    if problems:
        raise InvalidInput(problems)
    return tuple(found)


def described(error: BaseException) -> str:
    """Name an error and the line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    return f"{type(error).__name__}: {error}{place}"

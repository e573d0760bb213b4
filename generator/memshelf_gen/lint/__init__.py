"""What a rule of `memshelf-gen lint` is made of: for rules of one's own."""

from memshelf_gen.edits import Add, Edit, Remove, Rename, Replace
from memshelf_gen.finding import Severity
from memshelf_gen.lint.rule import Check, Rule, rule
from memshelf_gen.lint.subject import Flaw, Judge, Project, SchemaFile, Subject

__all__ = [
    "Add",
    "Check",
    "Edit",
    "Flaw",
    "Judge",
    "Project",
    "Remove",
    "Rename",
    "Replace",
    "Rule",
    "SchemaFile",
    "Severity",
    "Subject",
    "rule",
]

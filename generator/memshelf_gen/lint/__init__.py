"""What a rule of `memshelf-gen lint` is made of: for rules of one's own."""

from memshelf_gen.finding import Severity
from memshelf_gen.lint.rule import Check, Rule, rule
from memshelf_gen.lint.subject import Flaw, Judge, Project, SchemaFile, Subject

__all__ = ["Check", "Flaw", "Judge", "Project", "Rule", "SchemaFile", "Severity", "Subject", "rule"]

"""The command `memshelf`: what operators and developers type."""

from __future__ import annotations


def main() -> None:
    """Run the command."""
    from memshelf.cli.root import app

    app(prog_name="memshelf")

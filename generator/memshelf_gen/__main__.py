"""Start `memshelf-gen`, as a command or as `python -m memshelf_gen`."""

from __future__ import annotations

from memshelf_gen.cli import app


def main() -> None:
    """Run the command."""
    app(prog_name="memshelf-gen")


if __name__ == "__main__":
    main()

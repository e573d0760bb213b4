"""Tell which release of memshelf this is."""

from __future__ import annotations


def release() -> str | None:
    """Give the version that is installed."""
    # Reading metadata brings in a mail parser, which no other command needs.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("memshelf")
    except PackageNotFoundError:
        return None

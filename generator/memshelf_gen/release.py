"""Tell which release of memshelf this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str | None:
    """Give the version that is installed."""
    try:
        return version("memshelf")
    except PackageNotFoundError:
        return None

"""Distributions that add something to the generator, installed into a folder as pip would leave them there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def install(
    site: Path, name: str, version: str, *, points: Mapping[str, Mapping[str, str]], modules: Mapping[str, str]
) -> None:
    """Install a distribution into a folder: its modules, its metadata, and its entry points by group."""
    for module, text in modules.items():
        path = site / module
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    about = site / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    groups = [
        "\n".join([f"[{group}]", *(f"{point} = {target}" for point, target in named.items())])
        for group, named in points.items()
    ]
    (about / "entry_points.txt").write_text("\n\n".join(groups) + "\n", encoding="utf-8")

"""Make what the schemas of a project say, or recall it if nothing of what it depends on has changed.

The key of a result has everything: the bytes of the schemas, the settings, the code that made it and all that is
installed beside it. The same bytes are read and keyed, so that a save in between does no harm. What emitters make is
never recalled, since nobody knows what they read; nor is anything about generated files, or about handlers.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from memshelf_gen.cache import Cache
from memshelf_gen.fingerprint import at_start, fingerprint
from memshelf_gen.gather import Gathered, gather
from memshelf_gen.rendered import Rendered, from_text, to_text
from memshelf_gen.settings import ProjectConfig


def make(config: ProjectConfig, *, line_length: int, cached: bool) -> Rendered:
    """Read, check and render a project; or recall it, if `cached` allows that.

    Raises:
        InvalidInput: Something is wrong; carries every fault of every file at once.
    """
    gathered = gather(config.schema_folder, shown=config.schemas)
    if not cached or gathered.problems:
        return _make(gathered, config, line_length)
    cache, key = Cache(config.root), key_of(gathered, config, line_length=line_length, code=at_start())
    if (rendered := _recall(cache, key)) is not None:
        return rendered
    rendered = _make(gathered, config, line_length)
    # Whoever upgrades a package while this process runs must not find the old code's result under the new code's key.
    if fingerprint() == at_start():
        _keep(cache, key, rendered)
    return rendered


def ready() -> None:
    """Import all that making needs, so that it is told before anything is written if something is not installed."""
    from memshelf_gen import parse, render  # noqa: F401


def key_of(gathered: Gathered, config: ProjectConfig, *, line_length: int, code: str) -> str:
    """Give the key of a result: the digest of all that it depends on."""
    depends = {
        "code": code,
        "sources": {source: hashlib.sha256(each or b"").hexdigest() for source, each in gathered.contents.items()},
        "settings": {key: value for key, value in asdict(config).items() if key != "root"},
        "line_length": line_length,
    }
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def _make(gathered: Gathered, config: ProjectConfig, line_length: int) -> Rendered:
    # These bring in validators and datamodel-code-generator, which whoever recalls a result does not wait for.
    from memshelf_gen.parse import parse_gathered
    from memshelf_gen.render import render

    project = parse_gathered(gathered, config)
    return Rendered(project, render(project, config, line_length=line_length))


def _recall(cache: Cache, key: str) -> Rendered | None:
    text = cache.load(key)
    try:
        return None if text is None else from_text(text)
    except (ValueError, RecursionError):  # too deep, or too many digits, for this Python
        return None


def _keep(cache: Cache, key: str, rendered: Rendered) -> None:
    try:
        text = to_text(rendered)
    except (ValueError, RecursionError):
        return
    cache.store(key, text)

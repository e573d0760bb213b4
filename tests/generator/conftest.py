"""What the generator's tests may ask for: the model of a schema, generated and imported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from memshelf_gen.fingerprint import at_start
from memshelf_gen.pipeline import generate
from tests.generator.projects import Json, importable, make


@pytest.fixture(autouse=True, scope="session")
def _started() -> None:
    """Take the fingerprint of what is installed before a test installs something, whichever comes first."""
    at_start()


@pytest.fixture(autouse=True, scope="session")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the secret that signs caches out of the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def build(tmp_path: Path) -> Any:
    """Generate a project of one job called `thing` and give its model class."""
    opened = []

    def builder(schema: Json, **files: Json) -> type[BaseModel]:
        config = make(tmp_path, {"thing.json": schema, **files}, generated="built", jobs="built_jobs")
        generate(config)
        context = importable(config)
        opened.append(context)
        model: type[BaseModel] = context.__enter__().ThingPayload
        return model

    yield builder
    for context in opened:
        context.__exit__(None, None, None)

"""The pages on testing and on jobs that ended are true: each of their examples is a test module that passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import Block, blocks

pytest_plugins = ["pytester"]

REPOSITORY = Path(__file__).parents[2]
PAGES = ("docs/testing.md", "docs/ended-jobs.md")
EXAMPLES = [block for page in PAGES for block in blocks(REPOSITORY / page) if block.language == "python"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda block: str(block.path))
def test_an_example_is_a_test_that_passes(
    example: Block, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, mongo_url: str
) -> None:
    monkeypatch.setenv("MEMSHELF_TEST_MONGO_URL", mongo_url)
    monkeypatch.setenv("PYTHONPATH", f"{REPOSITORY / 'runtime'}:{REPOSITORY}")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    assert example.path is not None, f"{example.place}: begin with a comment that names the file"
    (pytester.path / example.path).write_text(example.text, encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "memshelf.pytest_plugin", "-W", "error")
    result.assert_outcomes(passed=example.text.count("\ndef test_"))

"""The page on types is true: each row of its tables is what is generated, and its examples run."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from memshelf_gen.pipeline import generate
from memshelf_gen.settings import ProjectConfig
from tests.docs.blocks import Block, blocks
from tests.generator.projects import Json, importable, job, make, nested

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs/types.md"
ROWS = [
    (yaml.safe_load(schema.replace(r"\|", "|")), annotation.replace(r"\|", "|"))
    for schema, annotation in re.findall(
        r"^\| `(\{.*\})` \| `(.*)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
]
DEFINITIONS: Json = {
    "Card": nested({"kind": {"const": "card"}}, required=["kind"]),
    "Transfer": nested({"kind": {"const": "transfer"}}, required=["kind"]),
    "Untyped": {"properties": {"a": {"type": "string"}}},
}


def test_each_row_of_the_tables_is_what_is_generated(tmp_path: Path) -> None:
    properties = {f"p{number}": schema for number, (schema, _) in enumerate(ROWS)}
    schema = job(properties, {"$defs": DEFINITIONS}, required=list(properties))
    config = make(tmp_path, {"row.json": schema}, generated="rows", jobs="rows_jobs")
    generate(config)
    model = ast.parse((config.generated_folder / "models/row.py").read_text(encoding="utf-8"))
    [row] = [node for node in model.body if isinstance(node, ast.ClassDef) and node.name == "RowPayload"]
    made = [ast.unparse(line.annotation) for line in row.body if isinstance(line, ast.AnnAssign)]
    made = [annotation for annotation in made if "ClassVar" not in annotation]
    assert len(ROWS) > 30
    assert made == [annotation for _, annotation in ROWS]


EXAMPLES = [block for block in blocks(PAGE) if block.language == "python"]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> ProjectConfig:
    """Generate the schemas that the page shows."""
    shown = {block.path: block.text for block in blocks(PAGE) if block.language == "yaml" and block.path}
    made = make(
        tmp_path_factory.mktemp("types"),
        {path.removeprefix("schemas/"): text for path, text in shown.items()},
        generated="acme.generated",
        jobs="acme.jobs",
    )
    generate(made)
    return made


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda block: block.place)
def test_an_example_runs(config: ProjectConfig, example: Block) -> None:
    with importable(config):
        exec(compile(example.text, example.place, "exec"), {"__name__": "example"})
    assert "assert " in example.text


def test_the_examples_pass_mypy(config: ProjectConfig) -> None:
    for number, example in enumerate(EXAMPLES):
        (config.root / f"example_{number}.py").write_text(example.text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases", "."],
        cwd=config.root,
        env={**os.environ, "MYPYPATH": str(REPOSITORY / "runtime")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

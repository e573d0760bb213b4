"""Pages that are drawn from code say what the code says."""

from __future__ import annotations

import json
import re
import runpy
from importlib.resources import files
from pathlib import Path

import pytest

from memshelf_gen.parse import read_project
from memshelf_gen.settings import ProjectConfig

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("script", "page"),
    [
        ("draw_states.py", "states.md"),
        ("draw_x_job.py", "x-job.md"),
        ("draw_lint.py", "lint.md"),
        ("draw_metaschema.py", "../generator/memshelf_gen/job-file.schema.json"),
    ],
)
def test_the_page_is_what_its_script_draws(script: str, page: str) -> None:
    drawn = runpy.run_path(str(DOCS / script))["draw"]()
    assert (DOCS / page).read_text(encoding="utf-8") == drawn, f"run: python docs/{script}"


def test_the_example_uses_every_key_and_the_generator_takes_it(tmp_path: Path) -> None:
    page = (DOCS / "x-job.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.S)
    keys = json.loads(files("memshelf_gen").joinpath("job.schema.json").read_text())["$defs"]["Job"]["properties"]
    assert [key for key in keys if f"\n  {key}: " not in example] == []
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "thumbnail.yaml").write_text(example, encoding="utf-8")
    (job,) = read_project(ProjectConfig(root=tmp_path)).jobs
    assert (job.names.wire, job.retries.max, job.max_payload) == ("make-thumbnail", 5, 64_000)

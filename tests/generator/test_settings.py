"""The configuration is found, read and checked, and says what is wrong with it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from memshelf_gen.problem import InvalidInput
from memshelf_gen.settings import ProjectConfig, find_config, read_config

KNOWN = ", ".join(each.name for each in fields(ProjectConfig) if each.name != "root")


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pyproject.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(text: str, folder: Path) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read_config(write(folder, text))
    return list(map(str, caught.value.problems))


def test_an_empty_table_has_every_default(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, "[tool.memshelf]\n")) == ProjectConfig(
        root=tmp_path, schemas="schemas", generated="generated", jobs="jobs", services=None, source="."
    )


def test_folders_follow_from_dotted_packages_and_the_source(tmp_path: Path) -> None:
    config = read_config(
        write(
            tmp_path,
            "[tool.memshelf]\nschemas = 'contracts/jobs'\ngenerated = 'acme.generated'\njobs = 'acme.jobs'\n"
            "services = 'acme.jobs.wiring:register'\nsource = 'src'\n",
        )
    )
    assert config.schema_folder == tmp_path / "contracts/jobs"
    assert config.generated_folder == tmp_path / "src/acme/generated"
    assert config.jobs_folder == tmp_path / "src/acme/jobs"
    assert config.services == "acme.jobs.wiring:register"


def test_the_nearest_configuration_is_taken(tmp_path: Path) -> None:
    write(tmp_path, "[tool.memshelf]\njobs = 'outer'\n")
    write(tmp_path / "app", "[tool.memshelf]\njobs = 'inner'\n")
    write(tmp_path / "app/docs", "[tool.black]\n")
    assert find_config(tmp_path / "app/docs").jobs == "inner"
    assert find_config(tmp_path / "app").jobs == "inner"
    assert find_config(tmp_path).jobs == "outer"


def test_a_configuration_can_be_named_by_its_file_or_its_folder(tmp_path: Path) -> None:
    file = write(tmp_path / "app", "[tool.memshelf]\n")
    assert find_config(tmp_path, file) == find_config(tmp_path, tmp_path / "app")


def test_a_pyproject_in_a_folder_below_that_is_no_toml_is_left_to_others(tmp_path: Path) -> None:
    write(tmp_path, "[tool.memshelf]\n")
    write(tmp_path / "template", "{{ cookiecutter }}\n")
    assert find_config(tmp_path / "template").root == tmp_path


def test_no_configuration_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "[project]\n")
    with pytest.raises(InvalidInput) as caught:
        find_config(tmp_path)
    assert str(caught.value) == (
        "pyproject.toml: no pyproject.toml with a table [tool.memshelf] in this folder or above it; "
        "`memshelf-gen init` makes a project"
    )


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[project]\n", ["pyproject.toml: there is no table [tool.memshelf]; `memshelf-gen init` adds one"]),
        ("tool = 3\n", ["pyproject.toml: there is no table [tool.memshelf]; `memshelf-gen init` adds one"]),
        ("[tool.memshelf]\njobs = \n", ["pyproject.toml:2:8: not TOML: invalid value"]),
        (
            "[tool.memshelf]\n\nschema = 'x'\n  colour = 'blue'\n",
            [
                "pyproject.toml:3:1: tool.memshelf.schema: unknown setting; did you mean 'schemas'?",
                "pyproject.toml:4:3: tool.memshelf.colour: unknown setting; " f"known are {KNOWN}",
            ],
        ),
        (
            "[tool.other]\njobs = 1\n[tool.memshelf]\njobs = 3\n",
            ["pyproject.toml:4:1: tool.memshelf.jobs: must be a text, got 3"],
        ),
        (
            "[tool.memshelf]\njobs = 'my-jobs'\ngenerated = 'acme.class'\n",
            [
                "pyproject.toml:2:1: tool.memshelf.jobs: must be the dotted name of a package, such as acme.jobs, "
                "got 'my-jobs'",
                "pyproject.toml:3:1: tool.memshelf.generated: must be the dotted name of a package, such as acme.jobs, "
                "got 'acme.class'",
            ],
        ),
        (
            "[tool.memshelf]\nservices = 'jobs.services.register'\n",
            [
                "pyproject.toml:2:1: tool.memshelf.services: must name a function as module:function, "
                "such as jobs.services:register, got 'jobs.services.register'"
            ],
        ),
        (
            "[tool.memshelf]\nschemas = '/etc'\nsource = 'src\\acme'\n",
            [
                "pyproject.toml:2:1: tool.memshelf.schemas: must be a folder relative to the pyproject.toml, "
                "with forward slashes, got '/etc'",
                "pyproject.toml:3:1: tool.memshelf.source: must be a folder relative to the pyproject.toml, "
                "with forward slashes, got 'src\\\\acme'",
            ],
        ),
        (
            "[tool.memshelf]\njobs = 'generated.jobs'\n",
            [
                "pyproject.toml:2:1: tool.memshelf.jobs: the generated package and the handler package must be apart, "
                "neither inside the other, got 'generated' and 'generated.jobs'"
            ],
        ),
        (
            "[tool.memshelf]\nschemas = './generated/schemas'\n",
            [
                "pyproject.toml:2:1: tool.memshelf.schemas: the schema folder and the generated package must be apart, "
                "neither inside the other, got './generated/schemas' and 'generated'"
            ],
        ),
        (
            "[tool.memshelf]\nschemas = '.'\n",
            [
                "pyproject.toml:2:1: tool.memshelf.schemas: the schema folder and the generated package must be apart, "
                "neither inside the other, got '.' and 'generated'"
            ],
        ),
    ],
)
def test_a_wrong_configuration_is_refused_in_these_words(tmp_path: Path, text: str, problems: list[str]) -> None:
    assert refusal(text, tmp_path) == problems


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_config(tmp_path / "missing.toml")
    assert str(caught.value) == "missing.toml: cannot be read: No such file or directory"


def test_an_address_for_exported_schemas_is_the_start_of_a_uri(tmp_path: Path) -> None:
    good = read_config(write(tmp_path, '[tool.memshelf]\nid_base = "https://acme.example/jobs/"\n'))
    assert good.id_base == "https://acme.example/jobs/"
    for wrong in ("acme/jobs/", "https://acme.example/jobs", "https://acme.example/#/", ""):
        (said,) = refusal(f'[tool.memshelf]\nid_base = "{wrong}"\n', tmp_path)
        assert "pyproject.toml:2:1: tool.memshelf.id_base: must be the start of an absolute URI" in said

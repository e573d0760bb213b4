"""The cache: whoever asks again is answered at once, and never with what is no longer so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memshelf_gen import fingerprint, making, render
from memshelf_gen.cache import FOLDER
from memshelf_gen.gather import gather
from memshelf_gen.making import make as make_rendered
from memshelf_gen.pipeline import check, generate
from memshelf_gen.problem import InvalidInput
from memshelf_gen.rendered import Rendered
from memshelf_gen.settings import ProjectConfig, read_config
from tests.generator.plugins import install
from tests.generator.projects import EMAIL, Json, job, make, nested, tree, write

ORDER = job({"address": {"$ref": "common.json#/$defs/Address"}, "note": {"type": "string"}})
COMMON: Json = {"$defs": {"Address": nested({"city": {"type": "string"}})}}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count how often something is rendered and not recalled."""
    count: list[str] = []
    whole = render.render

    def counted(project: Any, config: Any, **more: Any) -> Any:
        count.append("rendered")
        return whole(project, config, **more)

    monkeypatch.setattr(render, "render", counted)
    return count


@pytest.fixture
def project(tmp_path: Path) -> ProjectConfig:
    config = make(tmp_path, {"email.json": EMAIL, "order.json": ORDER, "common.json": COMMON})
    generate(config)
    return config


def result(config: ProjectConfig) -> Path:
    return config.root / FOLDER / "generation"


def test_the_second_run_recalls(project: ProjectConfig, made: list[str]) -> None:
    assert generate(project).changed == ()
    assert {each.kind for each in check(project).differences} == {"handler-unimplemented"}
    assert made == []


def test_without_the_cache_everything_is_rendered_and_is_the_same(project: ProjectConfig, made: list[str]) -> None:
    before = tree(project.root)
    shutil.rmtree(project.generated_folder)
    generate(project, cached=False)
    assert made == ["rendered"]
    assert tree(project.root) == before


def test_what_is_recalled_is_what_was_made(project: ProjectConfig, made: list[str]) -> None:
    recalled, anew = both(project)
    assert recalled == anew
    assert made == ["rendered"]
    assert [*recalled.files] == [*anew.files]
    assert json.dumps(recalled.project.jobs[0].schema) == json.dumps(anew.project.jobs[0].schema)


def test_generated_files_and_handlers_are_looked_at_every_time(project: ProjectConfig, made: list[str]) -> None:
    write(project.generated_folder / "queues.py", "pass\n")
    write(project.generated_folder / "mine.py", "pass\n")
    (project.generated_folder / "catalog.py").unlink()
    (project.jobs_folder / "email.py").unlink()
    write(project.jobs_folder / "order.py", "def handle(job, context): ...\n")
    found = {each.path: each.kind for each in check(project).differences}
    assert found == {
        "generated/catalog.py": "missing",
        "generated/mine.py": "unexpected",
        "generated/queues.py": "edited",
        "jobs/email.py": "handler-missing",
    }
    generate(project)
    assert {each.kind for each in check(project).differences} == {"unexpected", "handler-unimplemented"}
    assert made == []


def add_a_schema(config: ProjectConfig) -> None:
    write(config.schema_folder / "further.json", job({}))


def rename_a_schema(config: ProjectConfig) -> None:
    (config.schema_folder / "email.json").rename(config.schema_folder / "mail.json")


def remove_a_schema(config: ProjectConfig) -> None:
    (config.schema_folder / "email.json").unlink()


def change_a_shared_schema(config: ProjectConfig) -> None:
    write(config.schema_folder / "common.json", {"$defs": {"Address": nested({"zip": {"type": "string"}})}})


def change_a_space(config: ProjectConfig) -> None:
    path = config.schema_folder / "order.json"
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")


def change_a_setting(config: ProjectConfig) -> None:
    table = 'services = "jobs.services:register"\n'
    (config.root / "pyproject.toml").write_text(f"[tool.memshelf]\n{table}", encoding="utf-8")


def change_the_length_of_lines(config: ProjectConfig) -> None:
    (config.root / "pyproject.toml").write_text("[tool.memshelf]\n[tool.black]\nline-length = 60\n", encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        add_a_schema,
        rename_a_schema,
        remove_a_schema,
        change_a_shared_schema,
        change_a_space,
        change_a_setting,
        change_the_length_of_lines,
    ],
    ids=lambda change: change.__name__,
)
def test_a_change_of_what_people_wrote_renders_anew(
    project: ProjectConfig, made: list[str], change: Callable[[ProjectConfig], None]
) -> None:
    change(project)
    config = read_config(project.root / "pyproject.toml")
    generate(config)
    assert made == ["rendered"]
    there = tree(config.generated_folder)
    assert generate(config, cached=False).changed == ()
    assert tree(config.generated_folder) == there


@pytest.mark.parametrize("name", sorted(set(ProjectConfig.__dataclass_fields__) - {"root"}))
def test_every_setting_is_part_of_the_key(project: ProjectConfig, name: str) -> None:
    gathered = gather(project.schema_folder, shown="schemas")
    value = getattr(project, name)
    changed: Any = {name: {"other": 1} if isinstance(value, dict) else ["other"] if value == [] else "other"}
    other = replace(project, **changed)
    keys = {making.key_of(gathered, each, line_length=88, code="c") for each in (project, other)}
    assert len(keys) == 2


@pytest.mark.parametrize(
    "dist", ["datamodel_code_generator", "pydantic", "jsonschema_rs", "memshelf", "acme_emitters", "PyYAML"]
)
def test_another_version_of_what_is_installed_is_other_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dist: str
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, dist, "999.1", points={}, modules={})
    one = fingerprint.fingerprint()
    (tmp_path / f"{dist}-999.1.dist-info").rename(tmp_path / f"{dist}-999.2.dist-info")
    assert fingerprint.fingerprint() != one


def test_another_python_is_other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    one = fingerprint.fingerprint()
    monkeypatch.setattr(sys, "version", "3.99.0 (main)")
    assert fingerprint.fingerprint() != one


@pytest.mark.parametrize("file", ["naming.py", "emit/queues.py", "job.schema.json"])
def test_a_byte_of_the_generator_is_other_code(tmp_path: Path, file: str) -> None:
    copied = tmp_path / "memshelf_gen"
    shutil.copytree(Path(fingerprint.__file__).parent, copied, ignore=shutil.ignore_patterns("__pycache__"))
    tell = "from memshelf_gen.fingerprint import fingerprint, __file__; print(fingerprint(), __file__)"

    def told() -> str:
        there = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        found = subprocess.run([sys.executable, "-c", tell], env=there, capture_output=True, text=True, check=True)
        assert str(copied) in found.stdout
        return found.stdout

    before = told()
    assert told() == before
    with (copied / file).open("a", encoding="utf-8") as opened:
        opened.write("\n")
    assert told() != before


def test_code_that_changed_while_it_ran_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[str]
) -> None:
    config = make(tmp_path, {"email.json": EMAIL})
    monkeypatch.setattr(making, "fingerprint", lambda: "what pip has installed meanwhile")
    generate(config)
    assert not result(config).exists()


def test_a_save_while_schemas_are_read_is_no_danger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[str]
) -> None:
    """What is stored under the bytes of before is what those bytes say, whatever the file holds by then."""
    config = make(tmp_path, {"email.json": EMAIL})
    file = config.schema_folder / "email.json"
    before, whole = file.read_bytes(), gather

    def gather_and_save(folder: Path, *, shown: str) -> Any:
        found = whole(folder, shown=shown)
        write(file, job({"other": {"type": "integer"}}))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(making, "gather", gather_and_save)
        generate(config)
    file.write_bytes(before)
    recalled, anew = both(config)
    assert recalled == anew


def test_what_is_wrong_is_told_every_time(project: ProjectConfig) -> None:
    write(project.schema_folder / "email.json", {**EMAIL, "type": "strng"})
    for _ in range(2):
        with pytest.raises(InvalidInput, match="strng"):
            check(project)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ADDRESS = {"$ref": "common.json#/$defs/Address"}
FIELDS = st.sampled_from([{"type": "string"}, {"type": "integer", "minimum": 1.0}, {"enum": ["a", "b"]}, ADDRESS])
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("field"), st.sampled_from(["a", "b", "b-c", "class"]), FIELDS),
        st.tuples(st.just("examples"), st.just(""), VALUES),
        st.tuples(st.just("description"), st.just(""), TEXTS),
        st.tuples(st.just("remove"), st.just(""), st.none()),
        st.tuples(st.just("back"), st.just(""), st.none()),
    ),
    min_size=1,
    max_size=4,
)


@given(edits=EDITS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_edits_the_answer_is_that_of_a_run_without_cache(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str, Any]]
) -> None:
    config = make(tmp_path_factory.mktemp("edits"), {"email.json": EMAIL, "order.json": ORDER, "common.json": COMMON})
    file = config.schema_folder / "order.json"
    schema: Json = json.loads(json.dumps(ORDER))
    for does, key, value in edits:
        match does:
            case "field":
                schema["properties"][key] = value
            case "examples":
                schema["examples"] = [value]
            case "description":
                schema["description"] = value
            case "back":
                schema = json.loads(json.dumps(ORDER))
        if does == "remove":
            file.unlink(missing_ok=True)
        else:
            write(file, schema)
        for _ in range(2):  # the second run recalls what the first one made
            recalled, anew = both(config)
            assert recalled == anew
            assert repr(recalled) == repr(anew)


def both(config: ProjectConfig) -> tuple[Rendered, Rendered]:
    recalled, anew = (make_rendered(config, line_length=88, cached=cached) for cached in (True, False))
    return recalled, anew


def spoil_a_byte(content: bytes) -> bytes:
    return content.replace(b"queue_email", b"queue_other", 1)


def cut_it_off(content: bytes) -> bytes:
    return content[: len(content) // 2]


def empty_it(content: bytes) -> bytes:
    return b""


def sign_it_anew(content: bytes) -> bytes:
    """What whoever sends a pull request can do: all but know the secret."""
    from hashlib import blake2b

    spoilt = spoil_a_byte(content).partition(b"\n")[2]
    return blake2b(spoilt, digest_size=32).hexdigest().encode() + b"\n" + spoilt


def write_no_text(content: bytes) -> bytes:
    return b"\xff\xfe\n\xff"


@pytest.mark.parametrize(
    "spoil", [spoil_a_byte, cut_it_off, empty_it, sign_it_anew, write_no_text], ids=lambda spoil: spoil.__name__
)
def test_a_cache_that_is_not_whole_is_made_anew(
    project: ProjectConfig, made: list[str], spoil: Callable[[bytes], bytes]
) -> None:
    before = tree(project.root)
    good = result(project).read_bytes()
    assert spoil(good) != good
    result(project).write_bytes(spoil(good))
    assert generate(project).changed == ()
    assert made == ["rendered"]
    assert tree(project.root) == before
    assert result(project).read_bytes() == good


def test_somebody_elses_cache_is_not_believed(
    project: ProjectConfig, made: list[str], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("other")))
    check(project)
    assert made == ["rendered"]
    check(project)
    assert made == ["rendered"]


@pytest.mark.parametrize("hinder", ["file", "link", "folder", "home"])
def test_where_nothing_can_be_kept_all_goes_on_as_before(
    tmp_path: Path, made: list[str], hinder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a folder that takes no files: that itself cannot be tried by a user who may write everywhere."""
    config = make(tmp_path, {"email.json": EMAIL})
    (tmp_path / "elsewhere").mkdir()
    match hinder:
        case "file":
            (tmp_path / FOLDER).write_text("")
        case "link":
            (tmp_path / FOLDER).symlink_to(tmp_path / "elsewhere")
        case "folder":
            result(config).mkdir(parents=True)
        case "home":
            monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "pyproject.toml"))
    assert generate(config).written.created
    assert generate(config).changed == ()
    assert made == ["rendered", "rendered"]
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_folder_that_takes_no_files_is_no_error(project: ProjectConfig, made: list[str]) -> None:
    shutil.rmtree(project.root / FOLDER)
    project.root.chmod(0o555)
    try:
        assert check(project).clean
    finally:
        project.root.chmod(0o755)
    assert made == ["rendered"]


def test_two_runs_at_once_are_safe(tmp_path: Path) -> None:
    config = make(tmp_path, {"email.json": EMAIL, "order.json": ORDER, "common.json": COMMON})
    generate(config)
    shutil.rmtree(tmp_path / FOLDER)
    command = [sys.executable, "-m", "memshelf_gen", "check", "--quiet"]
    running = [
        subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path()})
        for _ in range(4)
    ]
    assert [(each.communicate()[1], each.returncode) for each in running] == [(b"", 0)] * 4
    assert sorted(each.name for each in (tmp_path / FOLDER).iterdir()) == [".gitignore", "CACHEDIR.TAG", "generation"]
    recalled, anew = both(config)
    assert recalled == anew


def path() -> str:
    return os.pathsep.join(each for each in sys.path if each)


def test_git_sees_nothing_of_it(project: ProjectConfig) -> None:
    git = ["git", "-C", str(project.root)]
    subprocess.run([*git, "init", "-q"], check=True)
    told = subprocess.run([*git, "status", "--porcelain", "-uall"], check=True, capture_output=True, text=True).stdout
    assert "schemas/email.json" in told
    assert FOLDER not in told

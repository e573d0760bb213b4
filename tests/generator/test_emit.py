"""Filling templates: values stay what they are, and mistakes in templates do not pass."""

from __future__ import annotations

import ast
from pathlib import Path

import black
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf_gen.emit import code
from memshelf_gen.emit.code import Module, Statement, TemplateError, docstring, dotted, either, literal, module, name
from memshelf_gen.emit.style import line_length, shape
from memshelf_gen.emit.templates import expression, fill, under

plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
)


def code_of(*statements: Statement) -> str:
    return shape(Module("", statements))


def by_black(text: str) -> str:
    return black.format_str(text, mode=black.Mode())


def test_a_template_takes_values() -> None:
    made = fill("def {method}(self) -> {cls}: ...", method=name("queue_email"), cls=name("EmailPayload"))
    assert code_of(*made) == "def queue_email(self) -> EmailPayload: ...\n"


def test_a_placeholder_inside_a_longer_name_is_refused() -> None:
    with pytest.raises(TemplateError, match="inside a name or a string"):
        fill("queue_{method}()", method=name("email"))


def test_a_placeholder_inside_a_string_is_refused() -> None:
    with pytest.raises(TemplateError, match="inside a name or a string"):
        fill('print("hello {who}")', who=name("world"))


def test_a_placeholder_without_a_value_is_refused() -> None:
    with pytest.raises(TemplateError, match="differ in: other"):
        fill("{cls}({other})", cls=name("A"))


def test_a_value_without_a_placeholder_is_refused() -> None:
    with pytest.raises(TemplateError, match="differ in: other"):
        fill("{cls}()", cls=name("A"), other=name("B"))


def test_a_template_that_is_not_python_is_refused() -> None:
    with pytest.raises(TemplateError, match="not Python"):
        fill("def {cls}(:", cls=name("A"))


@pytest.mark.parametrize("template", ["{a}.b", "{a}()", "{a}[0]", "not {a}", "b | {a}", "{a} if b else c"])
def test_a_union_is_refused_where_a_sign_would_take_it_apart(template: str) -> None:
    assert code_of(*fill(template, a=name("x"))) == template.replace("{a}", "x") + "\n"
    for loose in (either(name("x"), name("y")), expression("lambda: {x}", x=name("x")), literal(1)):
        with pytest.raises(TemplateError, match="would be taken apart"):
            fill(template, a=loose)


@pytest.mark.parametrize("template", ["f({a}, {a})", "x: {a} = {a}", "[{a}]", "f(x={a})", "{1: {a}}", "return {a}"])
def test_a_union_may_stand_where_nothing_takes_it_apart(template: str) -> None:
    union = either(name("x"), name("y"))
    [made] = fill(template, a=union)
    assert made.text == template.replace("{a}", union.text)


def test_code_is_made_in_two_files_only() -> None:
    makers = {}
    for path in sorted(Path(code.__file__).parent.glob("*.py")):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        makers[path.name] = {each.id for each in calls if isinstance(each, ast.Name)} & {"Code", "Statement"}
    assert {file for file, made in makers.items() if made} == {"code.py", "templates.py"}


@pytest.mark.parametrize("text", ["class", "None", "a-b", "", "1st", "a b", "a;b"])
def test_what_cannot_be_a_name_is_refused(text: str) -> None:
    with pytest.raises(TemplateError, match="cannot be a Python name"):
        name(text)


def test_a_dotted_path_is_refused_for_one_bad_part() -> None:
    assert code_of(*fill("import {path}", path=dotted("acme.jobs.email"))) == "import acme.jobs.email\n"
    with pytest.raises(TemplateError):
        dotted("acme.class.email")


@given(plain_values)
def test_a_literal_means_its_value(value: object) -> None:
    text = code_of(*fill("{value}", value=literal(value)))
    assert repr(ast.literal_eval(text)) == repr(value)


@given(st.text())
def test_a_literal_survives_black(value: str) -> None:
    text = shape(module("# head", fill("x = {value}", value=literal(value))))
    [statement] = ast.parse(text).body
    assert isinstance(statement, ast.Assign)
    assert ast.literal_eval(statement.value) == value
    assert by_black(text) == text


@given(st.text(alphabet=st.sampled_from("ab \n\t\"'\\{}%é😀\u202e\x00")) | st.text())
def test_a_docstring_holds_any_text(text: str) -> None:
    [method] = fill("def f(self):\n    {doc}\n    return 1", doc=docstring(text, depth=2))
    made = shape(module("# head", [docstring(text)], under("class A: ...", [method])))
    assert by_black(made) == made
    tree = ast.parse(made)
    found = [ast.get_docstring(each) for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.Module)]
    assert [(each or "").split() for each in found] == [text.split()] * 2


def test_signs_that_are_not_seen_are_written_as_escapes() -> None:
    assert code_of(*fill("{value}", value=literal("a\u202eb\u200bc\x07"))) == '"a\\u202eb\\u200bc\\x07"\n'
    assert "\u202e" not in code_of(docstring("a\u202eb"))


@pytest.mark.parametrize(
    ("pyproject", "expected"),
    [
        ({}, 88),
        ({"tool": {"black": {"line-length": 120}}}, 120),
        ({"tool": {"black": {"line_length": 100}}}, 100),
        ({"tool": {"black": {"line-length": "wide"}}}, 88),
        ({"tool": {"black": []}}, 88),
    ],
)
def test_lines_are_as_long_as_the_project_has_them(pyproject: dict[str, object], expected: int) -> None:
    assert line_length(pyproject) == expected

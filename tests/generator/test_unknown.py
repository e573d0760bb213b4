"""Among keywords that no draft knows, slips of the pen are told from annotations of other tools."""

from __future__ import annotations

import pytest

from memshelf_gen.keywords import KEYWORDS, Draft
from memshelf_gen.unknown import advice, meant


@pytest.mark.parametrize(
    ("written", "keyword"),
    [
        ("requried", "required"),
        ("Required", "required"),
        ("maxLenght", "maxLength"),
        ("maxlength", "maxLength"),
        ("additionalProperty", "additionalProperties"),
        ("additionalProprties", "additionalProperties"),
        ("propertys", "properties"),
        ("item", "items"),
        ("enums", "enum"),
        ("tpye", "type"),
        ("descripton", "description"),
        ("ref", "$ref"),
        ("defs", "$defs"),
    ],
)
def test_a_slip_is_known_by_its_few_letters(written: str, keyword: str) -> None:
    assert meant(written, "2020-12") == keyword


@pytest.mark.parametrize(
    "written",
    [
        "nullable",
        "discriminator",
        "example",
        "id",
        "optional",
        "divisibleBy",
        "extends",
        "markdownDescription",
        "tsType",
        "javaType",
        "enumNames",
        "units",
        "group",
        "tip",
        "",
    ],
)
def test_an_annotation_of_another_tool_is_no_slip(written: str) -> None:
    assert meant(written, "2020-12") == ""


@pytest.mark.parametrize("draft", KEYWORDS)
def test_a_keyword_of_another_draft_is_no_slip(draft: Draft) -> None:
    assert {word: meant(word, draft) for words in KEYWORDS.values() for word in words if meant(word, draft)} == {}


@pytest.mark.parametrize(
    ("written", "draft", "said"),
    [
        ("nullable", "2020-12", "type: [string, 'null']"),
        ("divisibleBy", "2020-12", "it is multipleOf"),
        ("optional", "draft-07", "unless `required` of its object lists it"),
        ("prefixItems", "draft-07", "of draft-07; it belongs to 2020-12"),
        ("$defs", "draft-07", "in draft-07 it is definitions"),
        ("additionalItems", "2020-12", "in draft 2020-12 it is items, beside prefixItems"),
        ("dependentRequired", "draft-07", "of draft-07; it belongs to 2019-09 and 2020-12"),
        ("requried", "2020-12", "did you mean 'required'?"),
        ("street", "2020-12", "fields belong under properties, annotations of your own begin with x-"),
    ],
)
def test_what_an_author_may_have_wanted_is_said(written: str, draft: Draft, said: str) -> None:
    assert said in advice(written, draft)

"""Every name of a job follows from its file's path, and all of them are good names."""

from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memshelf_gen.naming import WIRE_NAME, module_name, name_job, python_name, wire_name
from memshelf_gen.spec import Names

# Files whose names begin with a dot are not read.
PARTS = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1)
PATHS = st.lists(PARTS.filter(lambda part: not part.startswith(".")), min_size=1, max_size=3).map("/".join)


def test_a_file_at_the_top_gives_short_names() -> None:
    assert name_job("email.yaml") == Names(
        key="email", wire="email", module="email", method="email", class_stem="Email", constant="EMAIL"
    )


def test_folders_become_packages_and_parts_of_names() -> None:
    assert name_job("billing/invoice.yaml") == Names(
        key="billing/invoice",
        wire="billing-invoice",
        module="billing.invoice",
        method="billing_invoice",
        class_stem="BillingInvoice",
        constant="BILLING_INVOICE",
    )


def test_the_name_in_the_file_changes_the_wire_and_nothing_else() -> None:
    given_name = name_job("email.yaml", wire="send-email")
    assert given_name.wire == "send-email"
    assert (given_name.key, given_name.method, given_name.class_stem) == ("email", "email", "Email")


@pytest.mark.parametrize(
    ("source", "wire", "module", "class_stem", "constant"),
    [
        ("sendEmail.yaml", "send-email", "send_email", "SendEmail", "SEND_EMAIL"),
        ("SendEmail.json", "send-email", "send_email", "SendEmail", "SEND_EMAIL"),
        ("send-email.yml", "send-email", "send_email", "SendEmail", "SEND_EMAIL"),
        ("HTTPCall.yaml", "http-call", "http_call", "HttpCall", "HTTP_CALL"),
        ("send email.yaml", "send-email", "send_email", "SendEmail", "SEND_EMAIL"),
        ("v2.email.yaml", "v2-email", "v2_email", "V2Email", "V2_EMAIL"),
        ("_private_.yaml", "private", "private", "Private", "PRIVATE"),
        ("2fa.yaml", "2fa", "job_2fa", "Job2fa", "JOB_2FA"),
        ("auth/2fa.yaml", "auth-2fa", "auth.job_2fa", "AuthJob2fa", "AUTH_JOB_2FA"),
        ("class.yaml", "class", "class_", "Class", "CLASS"),
        ("import/lambda.yaml", "import-lambda", "import_.lambda_", "ImportLambda", "IMPORT__LAMBDA"),
        ("None.yaml", "none", "none", "None", "NONE"),
        ("match.yaml", "match", "match", "Match", "MATCH"),
        ("größe.yaml", "grosse", "größe", "Größe", "GRÖSSE"),
        ("café.yaml", "cafe", "café", "Café", "CAFÉ"),
        ("ﬁle.yaml", "file", "file", "File", "FILE"),
        ("発送.yaml", "", "発送", "発送", "発送"),
        ("---.yaml", "", "job", "Job", "JOB"),
        ("+.yaml", "", "job", "Job", "JOB"),
    ],
)
def test_every_path_makes_good_names(source: str, wire: str, module: str, class_stem: str, constant: str) -> None:
    names = name_job(source)
    assert (names.wire, names.module, names.class_stem, names.constant) == (wire, module, class_stem, constant)


@given(st.text())
def test_a_python_name_is_an_identifier_that_python_reads_as_it_is_written(text: str) -> None:
    name = python_name(text)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert not name.startswith("_")
    assert unicodedata.normalize("NFKC", name) == name


@given(st.text())
def test_a_python_name_keeps_its_own_name(text: str) -> None:
    name = python_name(text)
    assert python_name(name) == name


@given(st.from_regex(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", fullmatch=True))
def test_a_name_in_snake_case_is_left_alone(name: str) -> None:
    assert python_name(name) in (name, f"{name}_")


@given(PATHS)
def test_all_names_of_a_job_fit_where_they_stand(path: str) -> None:
    names = name_job(f"{path}.yaml")
    for name in (*names.module.split("."), names.method, names.constant):
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert unicodedata.normalize("NFKC", name) == name
    assert f"{names.class_stem}Payload".isidentifier()
    assert unicodedata.normalize("NFKC", names.class_stem) == names.class_stem
    assert names.wire == "" or WIRE_NAME.fullmatch(names.wire)


@given(PATHS)
def test_names_follow_from_the_path_alone(path: str) -> None:
    assert name_job(f"{path}.yaml") == name_job(f"{path}.json")
    assert module_name(f"{path}.yaml") == name_job(f"{path}.yaml").module
    assert wire_name(path) == name_job(f"{path}.yaml").wire

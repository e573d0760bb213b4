"""Derive every name of a job from the path of its schema file."""

from __future__ import annotations

import keyword
import posixpath
import re
import unicodedata

from memshelf_gen.spec import Names

WIRE_NAME = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*")


def name_job(source: str, *, wire: str | None = None) -> Names:
    """Give the names of the job described by a file such as `billing/invoice.yaml`.

    `wire` is the name that the file itself gives. A path that has letters outside of ASCII (but for accents) makes no
    name for the wire: `Names.wire` is then empty.
    """
    key = posixpath.splitext(source)[0]
    module = module_name(source)
    method = module.replace(".", "_")
    camel = "".join(_capital(word) for word in method.split("_"))
    return Names(
        key=key,
        wire=wire_name(key) if wire is None else wire,
        module=module,
        method=method,
        class_stem=camel,
        constant=unicodedata.normalize("NFKC", method.upper().strip("_")),
    )


def module_name(source: str) -> str:
    """Give the dotted module of a schema file: `billing/invoice.yaml` is `billing.invoice`."""
    return ".".join(python_name(part) for part in posixpath.splitext(source)[0].split("/"))


def python_name(text: str, *, prefix: str = "job") -> str:
    """Give a good Python name in snake_case: `sendEmail` is `send_email`, `class` is `class_`, `2fa` is `job_2fa`.

    The name never starts with an underscore, is not a keyword, and is the same when normalized as Python does (NFKC).
    """
    name = "_".join(_words(text))
    if not name or not name.isidentifier() or not _capital(name).isidentifier():
        name = f"{prefix}_{name}" if name else prefix
    return f"{name}_" if keyword.iskeyword(name) else name


def wire_name(key: str) -> str:
    """Give the name on the wire: `billing/sendInvoice` is `billing-send-invoice`; letters lose their accents."""
    plain = unicodedata.normalize("NFKD", "-".join(word for part in key.split("/") for word in _words(part)).casefold())
    name = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return name if WIRE_NAME.fullmatch(name) else ""


def _words(text: str) -> list[str]:
    """Cut a text into words of lower case, at whatever cannot stand in a name and where lower case meets upper."""
    plain = unicodedata.normalize("NFKC", "".join(sign if _is_old(sign) else "_" for sign in text))
    spaced = re.sub(r"(?<=[^\W\d_])(?=[A-Z][a-z])|(?<=[a-z\d])(?=[A-Z])", "_", plain)
    # Twice, because lower case and normalization each can bring back what the other has removed.
    settled = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", spaced.lower()).lower())
    fitting = "".join(sign if _fits(sign) else "_" for sign in settled)
    return [word for word in map(_without_leading_marks, fitting.split("_")) if word]


def _without_leading_marks(word: str) -> str:
    """Cut accents off that have no letter to stand on: joined to another word, they would change its last letter."""
    return word[next((at for at, sign in enumerate(word) if unicodedata.category(sign)[0] != "M"), len(word)) :]


def _is_old(sign: str) -> bool:
    """Tell whether every Python knows a sign: each has another version of Unicode, and all have 3.2 beside it."""
    return unicodedata.ucd_3_2_0.category(sign) != "Cn"


def _fits(sign: str) -> bool:
    """Tell whether a sign can stand inside a Python name, in upper and in lower case; joiners of no width cannot."""
    lettered = _is_old(sign) and unicodedata.category(sign)[0] in "LMN"
    return lettered and f"a{sign}".isidentifier() and f"a{sign.upper()}".isidentifier()


def _capital(word: str) -> str:
    """Give a word with its first letter in upper case, as Python would read it."""
    return unicodedata.normalize("NFKC", word[:1].upper() + word[1:])

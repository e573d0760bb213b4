"""Write findings for people, for programs, and for the services that show them: text, JSON, GitHub, JUnit and SARIF."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Literal, TypeAlias
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from memshelf_gen.finding import Finding, Severity

Format: TypeAlias = Literal["text", "json", "github", "junit", "sarif"]
FORMATS: tuple[Format, ...] = ("text", "json", "github", "junit", "sarif")
GRAVITY: Mapping[Severity, int] = {"error": 2, "warning": 1, "note": 0}

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """What is said of a rule where its findings are shown."""

    id: str
    severity: Severity
    """The gravity that its findings have when the project says nothing else."""
    text: str
    """What the rule is about, in one sentence."""
    help: str = ""
    """Why, with examples, in Markdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Who found it."""

    name: str
    """The command: `memshelf-gen lint`."""
    version: str | None
    page: str
    """The absolute URI of the page that describes the rules, each under its id: `urn:memshelf:docs/lint.md`."""
    folder: str = ""
    """The project's folder inside its repository, for the services that show a whole repository: `services/mail`."""

    def located(self, path: str) -> str:
        """Give a path from the repository's top."""
        return f"{self.folder}/{path}" if self.folder else path


def show(
    findings: Sequence[Finding],
    form: Format,
    *,
    tool: Tool,
    rules: Sequence[RuleText],
    fail_on: Severity = "warning",
    more: Mapping[str, Any] | None = None,
) -> str:
    """Write findings, in their order, without a line break at the end.

    Args:
        findings: Sorted by file, as `sorted` does.
        form: For whom.
        tool: Who found them.
        rules: Every rule that there is, whether it found something or not.
        fail_on: The gravity from which on a finding is a failure.
        more: What else the JSON object says.
    """
    match form:
        case "text":
            return "\n".join([*map(str, findings), summary(findings)])
        case "json":
            return _json(findings, fail_on, more or {})
        case "github":
            return "\n".join(_github(each, tool) for each in findings)
        case "junit":
            return _junit(findings, tool, fail_on)
        case "sarif":
            return _sarif(findings, tool, rules)


def failing(findings: Sequence[Finding], fail_on: Severity) -> bool:
    """Tell whether one of the findings is grave enough to fail."""
    return any(GRAVITY[each.severity] >= GRAVITY[fail_on] for each in findings)


def summary(findings: Sequence[Finding]) -> str:
    """Count findings: `3 findings: 1 error, 2 warnings`."""
    if not findings:
        return "no findings"
    counts = [(severity, sum(each.severity == severity for each in findings)) for severity in GRAVITY]
    told = ", ".join(_counted(number, severity) for severity, number in counts if number)
    return f"{_counted(len(findings), 'finding')}: {told}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _json(findings: Sequence[Finding], fail_on: Severity, more: Mapping[str, Any]) -> str:
    answer = {"ok": not failing(findings, fail_on), "findings": [asdict(each) for each in findings], **more}
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _said(finding: Finding) -> str:
    """Give a finding without its position, which stands elsewhere."""
    said = ": ".join(part for part in (finding.where, finding.text) if part)
    return f"{said}; {finding.fix}" if finding.fix else said


def _github(finding: Finding, tool: Tool) -> str:
    """Write a workflow command: GitHub shows it at its line of a pull request."""
    level = "notice" if finding.severity == "note" else finding.severity
    properties = {"file": tool.located(finding.path)}
    if finding.line:
        properties |= {"line": str(finding.line), "col": str(finding.column)}
    properties["title"] = f"{tool.name}: {finding.rule}"
    written = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{level} {written}::{_escaped(_said(finding))}"


def _escaped(text: str, more: str = "") -> str:
    """Escape what would end a workflow command, or one of its properties, too early."""
    return "".join(f"%{ord(sign):02X}" if sign in f"%\r\n{more}" else sign for sign in text)


def _junit(findings: Sequence[Finding], tool: Tool, fail_on: Severity) -> str:
    """Write one suite for each file, one case for each finding; a run without findings is one case that passed."""
    root = Element("testsuites", name=tool.name)
    for path, group in groupby(findings, lambda each: each.path):
        found = list(group)
        failures = sum(failing([each], fail_on) for each in found)
        suite = SubElement(
            root, "testsuite", name=_xml(path), tests=str(len(found)), failures=str(failures), errors="0"
        )
        for each in found:
            _case(suite, each, fails=failing([each], fail_on))
    if not findings:
        suite = SubElement(root, "testsuite", name=tool.name, tests="1", failures="0", errors="0")
        SubElement(suite, "testcase", name="no findings", classname=tool.name)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _case(suite: Element, finding: Finding, *, fails: bool) -> None:
    position = f":{finding.line}:{finding.column}" if finding.line else ""
    case = SubElement(suite, "testcase", name=f"{finding.rule}{position}", classname=_xml(finding.path))
    if fails:
        message, kind = _xml(_said(finding)), f"{finding.severity}: {finding.rule}"
        SubElement(case, "failure", message=message, type=kind).text = _xml(str(finding))
    else:
        SubElement(case, "system-out").text = _xml(str(finding))


def _xml(text: str) -> str:
    """Replace what XML 1.0 cannot hold, escaped or not (section 2.2)."""
    return _NO_XML.sub("\ufffd", text)


def _sarif(findings: Sequence[Finding], tool: Tool, rules: Sequence[RuleText]) -> str:
    """Write SARIF 2.1.0, as GitHub's code scanning reads it."""
    index = {rule.id: number for number, rule in enumerate(rules)}
    driver: dict[str, Any] = {"name": tool.name, "rules": [_sarif_rule(rule, tool) for rule in rules]}
    if tool.version:
        driver["version"] = tool.version
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, tool, index) for each in findings],
    }
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _sarif_rule(rule: RuleText, tool: Tool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": rule.text},
        "helpUri": f"{tool.page}#{rule.id}",
        "defaultConfiguration": {"level": rule.severity},
    }
    return {**described, "help": {"text": rule.help, "markdown": rule.help}} if rule.help else described


def _result(finding: Finding, tool: Tool, index: Mapping[str, int]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(tool.located(finding.path)), "uriBaseId": "%SRCROOT%"}}
    if finding.line:
        place["region"] = {"startLine": finding.line, "startColumn": finding.column}
    location: dict[str, Any] = {"physicalLocation": place}
    if finding.where:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.where}]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": {"text": _said(finding)},
        "locations": [location],
    }
    if finding.rule in index:
        result["ruleIndex"] = index[finding.rule]
    return {**result, "properties": {"witness": finding.witness}} if finding.witness is not None else result

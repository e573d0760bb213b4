"""Draw docs/breaking.md from the rules and their examples; `python docs/draw_breaking.py` writes it."""

from __future__ import annotations

from pathlib import Path

from memshelf_gen.breakingrules import FORWARD, SETTINGS, TEXTS

PAGE = Path(__file__).parent / "breaking.md"

CARD, CASH, DEBIT = (
    f"{{type: object, required: [kind], properties: {{kind: {{const: {kind}}}}}}}" for kind in ("card", "cash", "debit")
)

CASES: tuple[tuple[str, str, str, str], ...] = (
    (
        "required-added",
        "properties: {to: {type: string}}",
        "properties: {to: {type: string}}\nrequired: [to]",
        "properties: {to: {type: string, description: Wanted}}",
    ),
    (
        "property-removed",
        "properties: {to: {}, note: {}}\nadditionalProperties: false",
        "properties: {to: {}}\nadditionalProperties: false",
        "properties: {to: {}, note: {deprecated: true}}\nadditionalProperties: false",
    ),
    (
        "property-added-to-open",
        "properties: {to: {}}",
        "properties: {to: {}, note: {type: string}}",
        "properties: {to: {}, note: {}}",
    ),
    (
        "closed",
        "properties: {to: {}}",
        "properties: {to: {}}\nadditionalProperties: false",
        "properties: {to: {}}\nadditionalProperties: true",
    ),
    (
        "additional-narrowed",
        "additionalProperties: {}",
        "additionalProperties: {type: string}",
        "additionalProperties: {type: [string, number, boolean, 'null', array, object]}",
    ),
    (
        "pattern-property-added",
        "additionalProperties: {type: integer}",
        "patternProperties: {^x-: {type: string}}\nadditionalProperties: {type: integer}",
        "patternProperties: {^x-: {type: [integer, string]}}\nadditionalProperties: {type: integer}",
    ),
    (
        "type-narrowed",
        "properties: {to: {type: [string, 'null']}}",
        "properties: {to: {type: string}}",
        "properties: {to: {type: [string, 'null', integer]}}",
    ),
    (
        "type-added",
        "properties: {to: {}}\nadditionalProperties: false",
        "properties: {to: {type: string}}\nadditionalProperties: false",
        "properties: {to: {description: To whom.}}\nadditionalProperties: false",
    ),
    (
        "enum-value-removed",
        "properties: {level: {enum: [low, high]}}",
        "properties: {level: {enum: [low]}}",
        "properties: {level: {enum: [low, high, top]}}",
    ),
    (
        "enum-added",
        "properties: {level: {type: string}}",
        "properties: {level: {type: string, enum: [low, high]}}",
        "properties: {level: {type: string, examples: [low, high]}}",
    ),
    (
        "const-changed",
        "properties: {kind: {const: a}}",
        "properties: {kind: {const: b}}",
        "properties: {kind: {enum: [a, b]}}",
    ),
    (
        "const-added",
        "properties: {kind: {type: string}}",
        "properties: {kind: {type: string, const: a}}",
        "properties: {kind: {type: string, default: a}}",
    ),
    (
        "items-added",
        "properties: {tags: {type: array}}",
        "properties: {tags: {type: array, items: {type: string}}}",
        "properties: {tags: {type: array, items: {}}}",
    ),
    (
        "items-closed",
        "properties: {pair: {type: array, prefixItems: [{type: string}]}}",
        "properties: {pair: {type: array, prefixItems: [{type: string}], items: false}}",
        "properties: {pair: {type: array, prefixItems: [{type: string}], items: true}}",
    ),
    (
        "union-branch-removed",
        f"properties: {{by: {{oneOf: [{CARD}, {CASH}]}}}}",
        f"properties: {{by: {{oneOf: [{CARD}]}}}}",
        f"properties: {{by: {{oneOf: [{CASH}, {CARD}, {DEBIT}]}}}}",
    ),
    (
        "union-added",
        "properties: {by: {type: object}}",
        "properties: {by: {type: object, anyOf: [{required: [card]}, {required: [cash]}]}}",
        "properties: {by: {type: object, anyOf: [{required: [card]}, {}]}}",
    ),
    (
        "union-overlap",
        "properties: {by: {type: integer, multipleOf: 2}}",
        "properties: {by: {oneOf: [{type: integer, multipleOf: 2}, {type: integer, multipleOf: 3}]}}",
        "properties: {by: {anyOf: [{type: integer, multipleOf: 2}, {type: integer, multipleOf: 3}]}}",
    ),
    (
        "forbidden",
        "properties: {note: {type: string}}",
        "properties: {note: false}",
        "properties: {note: {type: string, deprecated: true}}",
    ),
    *(
        (
            f"{name}-narrowed",
            f"properties: {{x: {{type: {kind}, {keyword}: {wide}}}}}",
            f"properties: {{x: {{type: {kind}, {keyword}: {narrow}}}}}",
            f"properties: {{x: {{type: {kind}, {keyword}: {wider}}}}}",
        )
        for name, kind, keyword, wide, narrow, wider in (
            ("max-length", "string", "maxLength", 20, 10, 30),
            ("min-length", "string", "minLength", 1, 2, 0),
            ("max-items", "array", "maxItems", 4, 3, 5),
            ("min-items", "array", "minItems", 1, 2, 0),
            ("max-properties", "object", "maxProperties", 3, 2, 4),
            ("min-properties", "object", "minProperties", 1, 2, 0),
            ("maximum", "integer", "maximum", 9, 8, 10),
            ("minimum", "integer", "minimum", 1, 2, 0),
            ("exclusive-maximum", "number", "exclusiveMaximum", 9, 8, 10),
            ("exclusive-minimum", "number", "exclusiveMinimum", 1, 2, 0),
        )
    ),
    *(
        (
            f"{name}-added",
            f"properties: {{x: {{type: {kind}}}}}",
            f"properties: {{x: {{type: {kind}, {keyword}: {narrow}}}}}",
            (
                f"properties: {{x: {{type: {kind}, {keyword}: {harmless}}}}}"
                if harmless
                else f"properties: {{x: {{type: {kind}, description: Limited by hand}}}}"
            ),
        )
        for name, kind, keyword, narrow, harmless in (
            ("max-length", "string", "maxLength", "10", ""),
            ("min-length", "string", "minLength", "1", "0"),
            ("max-items", "array", "maxItems", "3", ""),
            ("min-items", "array", "minItems", "1", "0"),
            ("max-properties", "object", "maxProperties", "2", ""),
            ("min-properties", "object", "minProperties", "1", "0"),
            ("maximum", "integer", "maximum", "8", ""),
            ("minimum", "integer", "minimum", "2", ""),
            ("exclusive-maximum", "number", "exclusiveMaximum", "8", ""),
            ("exclusive-minimum", "number", "exclusiveMinimum", "2", ""),
            ("pattern", "string", "pattern", "'^[A-Z]+$'", ""),
            ("format", "string", "format", "email", "phone"),
            ("multiple-of", "integer", "multipleOf", "5", "1"),
            ("unique-items", "array", "uniqueItems", "true", "false"),
            ("not", "string", "not", "{const: ''}", "{type: integer}"),
            ("property-names", "object", "propertyNames", "{maxLength: 3}", "{minLength: 0}"),
            ("contains", "array", "contains", "{type: string}", ""),
            ("dependency", "object", "dependentRequired", "{a: [b]}", "{a: [a]}"),
            ("unevaluated", "object", "unevaluatedProperties", "false", "true"),
        )
    ),
    (
        "condition-added",
        "properties: {x: {type: object}}",
        "properties: {x: {type: object, if: {required: [a]}, then: {required: [b]}}}",
        "properties: {x: {type: object, if: {required: [a]}, then: {}}}",
    ),
    (
        "pattern-changed",
        "properties: {x: {type: string, pattern: '^[A-Z]+$'}}",
        "properties: {x: {type: string, pattern: '^[A-F]+$'}}",
        "properties: {x: {type: string}}",
    ),
    (
        "format-changed",
        "properties: {x: {type: string, format: date}}",
        "properties: {x: {type: string, format: date-time}}",
        "properties: {x: {type: string}}",
    ),
    (
        "multiple-of-changed",
        "properties: {x: {type: integer, multipleOf: 5}}",
        "properties: {x: {type: integer, multipleOf: 10}}",
        "properties: {x: {type: integer, multipleOf: 1}}",
    ),
    (
        "not-changed",
        "properties: {x: {type: string, not: {const: a}}}",
        "properties: {x: {type: string, not: {enum: [a, b]}}}",
        "properties: {x: {type: string}}",
    ),
    (
        "contains-changed",
        "properties: {x: {type: array, contains: {type: integer}}}",
        "properties: {x: {type: array, contains: {type: integer, minimum: 5}}}",
        "properties: {x: {type: array, contains: {type: number}}}",
    ),
    (
        "property-names-changed",
        "properties: {x: {type: object, propertyNames: {maxLength: 5}}}",
        "properties: {x: {type: object, propertyNames: {maxLength: 3}}}",
        "properties: {x: {type: object, propertyNames: {maxLength: 8}}}",
    ),
    (
        "dependency-changed",
        "properties: {x: {type: object, dependentRequired: {a: [b]}}}",
        "properties: {x: {type: object, dependentRequired: {a: [b, c]}}}",
        "properties: {x: {type: object, dependentRequired: {a: []}}}",
    ),
)
"""Each rule with a schema of before, a change that breaks, and one that does not."""

HEAD = """# What `memshelf-gen breaking` finds

`memshelf-gen breaking --against origin/main` compares the schemas with those of before, and refuses a change that would
break jobs. It asks what the schemas mean, not how they are written: moving a part into `$defs`, wrapping it in `allOf`,
writing an enum as `oneOf` of consts, sorting or describing is no change. [How to evolve a schema](evolution.md) says
what to do instead.

```text
schemas/email.yaml:9:26: error: subject: the longest text is limited more (200 became 8); jobs that wait are refused; …
    witness: {"to": "a@b.co", "subject": "textaaaaa"}
```

- An **error** is certain. Below it stands a *witness*, a payload that was valid and is not any more: both judges were
  asked. Lost jobs need none: a job that is gone, another queue.
- A **warning** could not be proven either way, or is a setting that somebody may feel. `--fail-on error` lets it pass.
- A **note** is worth knowing and never fails.

A change that is meant is excused in the schema, with its reason. `path` is the place that the finding names:

```yaml
x-job:
  allow_breaking:
    - {rule: max-length-narrowed, path: subject, reason: no longer subject was ever sent}
```

A job that is gone for good is excused in the `pyproject.toml`:

```toml
[tool.memshelf.breaking]
allow = [{job = "send-fax", rule = "job-removed", reason = "the queue has been empty since May"}]
```

An excuse is of use until the change is in what is compared with; after that it is noted as unused, and may go.

## With what is compared

| `--against` | the schemas of before |
|---|---|
| `origin/main`, `v1.2`, `HEAD~3`, `main^0` | a commit here; its `pyproject.toml` says where they are |
| `origin/main:services/mail` | a folder in a commit, if the project stood elsewhere: a project, or its schemas |
| `../release`, `./main` | a folder: a project, or its schemas |

Git gives the files as they are committed; nothing is checked out, and the working folder stays as it is. Links are
followed within the commit. A name that is both a folder and a commit is asked about. The files of a submodule are in
another repository: name a folder with them. A shallow clone has only its last commit: fetch more, in CI with
`fetch-depth: 0`.

A schema of before that has a fault cannot be compared, and nobody can say what its jobs hold: `past-invalid` tells so
for each job that it reaches.

This page is drawn by `python docs/draw_breaking.py`, and its examples are tests.

## What is asked

| level | what must hold |
|---|---|
| `backward` | every payload that was valid stays valid, so that jobs that wait are safe. The default |
| `forward` | workers of before take every new payload. Nothing is asked of a raised `version` |
| `full` | both |
| `none` | nothing |

`x-job.compatibility` says it for one job, `compatibility` in `[tool.memshelf]` for the project, `--level` for one run.

## Rules of settings

| rule | severity | why |
|---|---|---|
"""


def draw() -> str:
    """Give the page."""
    settings = [f"| `{rule}` | {severity} | {why} |" for rule, (severity, why) in SETTINGS.items()]
    parts = [f"{HEAD}{chr(10).join(settings)}\n", "## Rules of payloads\n"]
    parts.append("Each is named twice: as jobs that wait feel it, and as workers of before feel it made backwards.\n")
    for rule, before, after, better in CASES:
        mirrored = FORWARD[rule]
        forward = f"Forward, the other way round: `{mirrored}`, {TEXTS[mirrored]}.\n" if mirrored != rule else ""
        parts.append(f"### {rule}\n\n{TEXTS[rule].capitalize()}. {forward}".rstrip() + "\n")
        parts.append(
            "\n".join(_block(name, text) for name, text in (("before", before), ("breaks", after), ("good", better)))
        )
    rest = sorted(set(FORWARD) - {case[0] for case in CASES})
    parts.append("### Others\n")
    parts.append("\n".join(f"- `{rule}`, forward `{FORWARD[rule]}`: {TEXTS[rule]}" for rule in rest) + "\n")
    return "\n".join(parts)


def _block(name: str, text: str) -> str:
    return f"```yaml\n# {name}\n{text}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")

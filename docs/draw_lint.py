"""Draw docs/lint.md from the rules of lint and their texts; `python docs/draw_lint.py` writes it."""

from __future__ import annotations

from pathlib import Path

from memshelf_gen.lint.rule import Rule
from memshelf_gen.lint.rules import own_rules

PAGE = Path(__file__).parent / "lint.md"

HEAD = """# What `memshelf-gen lint` finds

`memshelf-gen lint` looks for mistakes in the schemas, and for what other validators, other languages or later readers
would take otherwise. Each finding has its place, its rule and what would be right:

```
schemas/a.yaml:9:3: warning: properties.to: has no type, so that anything is taken; write type: string [missing-type]
```

- An **error** cannot be meant. What stops generation is always one; lint tells it too, by the name of its rule.
- A **warning** is surely a mistake, or a trap.
- A **note** is worth knowing. It fails with `--fail-on note` only.

`memshelf-gen lint --explain open-object` prints what this page says of a rule. The page is drawn by
`python docs/draw_lint.py`, and its examples are tests: lint finds just that rule in a bad one, at the marked line, and
nothing in a good one. An example that is no whole schema stands under `properties` of one.

## In the project

The `pyproject.toml` says how grave a rule is: `off`, `note`, `warning` or `error`. A rule whose findings stop
generation is always an error.

```toml
[tool.memshelf.lint]
rules = {missing-description = "warning", untagged-union = "off"}
```

`plugins` names distributions whose rules are asked too; [extending.md](extending.md#a-rule-of-lint) has an example.

## In a schema

`x-lint` at any level of a schema suppresses rules there and below, each with its reason. Like all `x-` keys it is no
part of what payloads are judged by, so it changes neither the generated code nor a digest. A suppression without a
reason, of a rule that there is not, or of nothing, is a finding itself.

```yaml
properties:
  payload:
    description: What the other system sent.
    x-lint: {open-object: whatever they send is passed on}
    type: object
    properties:
      id: {type: string, description: Their number for it.}
```

## Mending

`memshelf-gen lint --fix` mends what is mechanical: it turns `requried` into `required`, quotes what YAML 1.1 takes for
something else, writes the type of an `enum`, removes a suppression that suppresses nothing. `--diff` shows what would
change and writes nothing. The table below says for which rules there is a fix.

- No fix changes a verdict: a payload is valid afterwards if and only if it was before. The fixes of slips that stop
  generation are none: no payload was ever judged by such a schema.
- Only what the fix needs is written. Comments, empty lines, quotes, the order of keys and the indentation stay, in YAML
  and in JSON. A fix that would need more, in a value that an alias repeats for instance, is left to you.
- A file is written at once or not at all, and what is mended stays mended: a second `--fix` changes nothing.
- What a suppression holds back, and what is switched off, is not mended.

## In CI

`--format github` writes annotations for the lines of a pull request, `junit` a report of tests, `sarif` a file for code
scanning, and `json` one object for programs. The exit code is 1 when a finding is as grave as `--fail-on` says, which
is `warning` unless another is named; 2 when the configuration or an option is wrong. pre-commit has the hook
`memshelf-gen-lint`.

## The rules

| rule | severity | `--fix` | what it finds |
|---|---|---|---|
"""


def draw() -> str:
    """Give the page."""
    rules = own_rules()
    rows = [
        f"| [`{rule.id}`](#{rule.id}) | {rule.severity} | {'yes' if rule.fixable else ''} | {rule.text} |"
        for rule in sorted(rules, key=lambda r: r.id)
    ]
    return "\n".join([HEAD + "\n".join(rows), *map(_section, rules)]) + "\n"


def _section(rule: Rule) -> str:
    always = ", always" if rule.stops else ""
    return f"\n## {rule.id}\n\n*{rule.severity.capitalize()}{always}: {rule.text}.*\n\n{rule.help}"


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")

"""`memshelf db`: what memshelf keeps in the database beside the jobs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from memshelf.cli.output import AsJson, answer

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Look after the collection of the jobs.")


@app.command()
def indexes(
    create: Annotated[
        bool, typer.Option("--create", help="Create the collection, its validator and the indexes that are missing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the indexes and the validator that memshelf needs, what each is for, and whether it exists.

    \b
    memshelf db indexes
    memshelf db indexes --create     what every worker does at its start, too
    """
    from memshelf.cli.opening import opened
    from memshelf.envelope import validator
    from memshelf.flows.prepare import prepare
    from memshelf.flows.survey import index_names, validator_in_force
    from memshelf.indexes import PURPOSE, wanted_indexes

    with opened() as store:
        if create:
            store.run(prepare(store.settings.collection))
        present = store.run(index_names())
        valid = store.run(validator_in_force()) == validator()
        place = f"{store.settings.database}.{store.settings.collection}"
    listed = [
        {
            "name": name,
            "keys": {key: int(direction) for key, direction in wanted.document["key"].items()},
            "purpose": PURPOSE[name],
            "exists": name in present,
        }
        for wanted in wanted_indexes()
        for name in (str(wanted.document["name"]),)
    ]
    answer(as_json, {"collection": place, "validator": valid, "indexes": listed}, _picture(place, listed, valid))


def _picture(place: str, listed: list[dict[str, Any]], valid: bool) -> Any:
    from rich.console import Group
    from rich.text import Text

    from memshelf.cli.tables import table

    drawn = table("index", "keys", "purpose", "exists")
    for index in listed:
        keys = ", ".join(key if direction > 0 else f"{key} desc" for key, direction in index["keys"].items())
        drawn.add_row(index["name"], keys, index["purpose"], _yes_or_no(index["exists"]))
    drawn.add_row("(the collection's validator)", "", "turns away documents that are no jobs", _yes_or_no(valid))
    missing = not valid or any(not index["exists"] for index in listed)
    return Group(Text(place), drawn, *([Text("run `memshelf db indexes --create`", style="red")] if missing else []))


def _yes_or_no(there: bool) -> Any:
    from rich.text import Text

    return Text("yes", style="green") if there else Text("no", style="red")

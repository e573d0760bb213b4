"""The settings of a process, read from environment variables that begin with `MEMSHELF_`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from memshelf.durations import format_duration
from memshelf.errors import SettingsError
from memshelf.states import State
from memshelf.variables import (
    FOREVER,
    choice_reader,
    duration_reader,
    integer_reader,
    mask,
    read_collection,
    read_database,
    read_queues,
    read_retention,
    read_switch,
    read_uri,
    read_zone,
)

PREFIX = "MEMSHELF_"
OTHERS = ("MEMSHELF_APP", "MEMSHELF_MONGOD", "MEMSHELF_TEST_MONGO_URL")
"""Variables of memshelf that are not settings of a process."""

_TICK = timedelta(milliseconds=10)
_DAY = timedelta(days=1)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Milliseconds: TypeAlias = Annotated[int, BeforeValidator(integer_reader(1, 2**31 - 1))]
Retention: TypeAlias = Annotated[timedelta | None, BeforeValidator(read_retention)]


class Settings(BaseSettings):
    """Everything that a producer or a worker can be told from outside; frozen.

    An argument wins over the variable, an empty variable counts as absent. Durations are texts such as `5 seconds` or
    timedeltas.

    Raises:
        SettingsError: one or more values cannot be used; all of them are named, with what would be right.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=False,
    )

    mongo_url: Annotated[SecretStr, BeforeValidator(read_uri)] = SecretStr("mongodb://127.0.0.1:27017")
    """The MongoDB connection string; its credentials are never shown."""
    database: Annotated[str, BeforeValidator(read_database)] = "memshelf"
    """The database that holds the jobs."""
    collection: Annotated[str, BeforeValidator(read_collection)] = "jobs"
    """The collection of the jobs; its workers are in the collection of this name with `.workers`."""
    queues: Annotated[tuple[str, ...], NoDecode, BeforeValidator(read_queues)] = ()
    """The queues that a worker serves, as `default,mail` or a JSON list; empty means all."""
    max_concurrency: Annotated[int, BeforeValidator(integer_reader(1, 10_000))] = 20
    """How many jobs one worker runs at once."""
    max_processes: Annotated[int, BeforeValidator(integer_reader(1, 1_000))] = Field(default_factory=_cores)
    """How many jobs with `isolation: process` one worker runs at once, each in a child process; default: the cores."""
    child_jobs: Annotated[int, BeforeValidator(integer_reader(1, 2**31 - 1))] = 1_000
    """How many jobs a child process runs before a fresh one takes its place."""
    child_memory_mb: Annotated[int, BeforeValidator(integer_reader(0, 2**31 - 1))] = 0
    """Megabytes that a child process may hold after a job before a fresh one takes its place; 0 for any number."""
    process_every: Annotated[timedelta, BeforeValidator(duration_reader(_TICK, _DAY))] = timedelta(seconds=5)
    """How often an idle worker looks for jobs when nothing wakes it."""
    change_streams: Annotated[bool, BeforeValidator(read_switch)] = True
    """Whether an idle worker is woken by a change stream where the server has them; it polls in any case."""
    lease: Annotated[timedelta, BeforeValidator(duration_reader(10 * _TICK, _DAY))] = timedelta(seconds=30)
    """How long a worker owns a job without a heartbeat; afterwards others may rescue it."""
    heartbeat_every: Annotated[timedelta, BeforeValidator(duration_reader(_TICK, _DAY))] = Field(
        default_factory=lambda data: _third(data["lease"])
    )
    """How often leases are extended; below half of the lease, a third of it unless given."""
    grace_period: Annotated[timedelta, BeforeValidator(duration_reader(timedelta(0), _DAY))] = timedelta(seconds=30)
    """How long a stopping worker lets its jobs run on before it interrupts them and gives them back."""
    keep_succeeded: Retention = timedelta(days=7)
    """How long succeeded jobs are kept, or `forever`."""
    keep_cancelled: Retention = timedelta(days=7)
    """How long cancelled jobs are kept, or `forever`."""
    keep_dead: Retention = None
    """How long dead jobs are kept, or `forever`."""
    keep_quarantined: Retention = None
    """How long quarantined jobs are kept, or `forever`."""
    schema_drift: Annotated[
        Literal["warn", "refuse", "ignore"], BeforeValidator(choice_reader("warn", "refuse", "ignore"))
    ] = "warn"
    """What a worker does at its start when the schema folder is there and has changed since code was generated."""
    timezone: Annotated[str, BeforeValidator(read_zone)] = "UTC"
    """The IANA zone in which words such as `tomorrow at noon` are read."""
    max_pool_size: Annotated[int, BeforeValidator(integer_reader(1, 10_000))] = 100
    """The most connections to one server."""
    min_pool_size: Annotated[int, BeforeValidator(integer_reader(0, 10_000))] = 0
    """The connections to one server that are kept open; at most `max_pool_size`."""
    socket_timeout_ms: Milliseconds = 30_000
    """Milliseconds after which a silent connection is given up."""
    server_selection_timeout_ms: Milliseconds = 5_000
    """Milliseconds for which a call waits for a server that can serve it."""
    write_timeout_ms: Milliseconds = 10_000
    """Milliseconds for which a write waits for the majority's acknowledgement."""
    log_format: Annotated[
        Literal["auto", "json", "console"], BeforeValidator(choice_reader("auto", "json", "console"))
    ] = "auto"
    """How workers log: `json`, `console`, or `auto`: console on a terminal and JSON elsewhere."""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error", "critical"],
        BeforeValidator(choice_reader("debug", "info", "warning", "error", "critical")),
    ] = "info"
    """The least level that workers log: debug, info, warning, error or critical."""

    @field_validator("heartbeat_every")
    @classmethod
    def _beats_twice_within_the_lease(cls, value: timedelta, given: ValidationInfo) -> timedelta:
        lease = given.data.get("lease")
        if lease is not None and value * 2 >= lease:
            raise ValueError(
                f"must be below half of {PREFIX}LEASE ({format_duration(lease)}), so that one lost heartbeat costs "
                f"no job, got {format_duration(value)}"
            )
        return value

    @field_validator("min_pool_size")
    @classmethod
    def _fits_into_the_pool(cls, value: int, given: ValidationInfo) -> int:
        most = given.data.get("max_pool_size")
        if most is not None and value > most:
            raise ValueError(f"must be at most {PREFIX}MAX_POOL_SIZE ({most}), got {value}")
        return value

    def __init__(self, **values: Any) -> None:
        faults = _misspelt(os.environ)
        try:
            super().__init__(**values)
        except ValidationError as error:
            faults = [*_faults(error, given=values), *faults]
        if faults:
            count = "1 setting" if len(faults) == 1 else f"{len(faults)} settings"
            # Raised out here, it does not carry pydantic's error along, which holds the values and so the credentials.
            raise SettingsError(f"{count} cannot be used" + "".join(f"\n  {fault}" for fault in faults))

    @classmethod
    def load(cls, **overrides: Any) -> Settings:
        """Read the environment.

        Args:
            overrides: settings by their names here, which win over the variables.

        Raises:
            SettingsError: one or more values cannot be used; all of them are named.
        """
        return cls(**overrides)

    @property
    def retention(self) -> dict[State, timedelta]:
        """How long jobs in a final state are kept; for ever where there is no entry."""
        kept: dict[State, timedelta | None] = {
            "succeeded": self.keep_succeeded,
            "cancelled": self.keep_cancelled,
            "dead": self.keep_dead,
            "quarantined": self.keep_quarantined,
        }
        return {state: how_long for state, how_long in kept.items() if how_long is not None}

    def shown(self) -> dict[str, str]:
        """Give every setting by its variable's name, as text that could be set again, credentials masked."""
        return {variable(name): _shown(getattr(self, name)) for name in type(self).model_fields}


def variable(name: str) -> str:
    """Give the environment variable of a setting."""
    return PREFIX + name.upper()


def _third(lease: timedelta) -> timedelta:
    return timedelta(milliseconds=lease // timedelta(milliseconds=3))


def _shown(value: object) -> str:
    match value:
        case SecretStr():
            return mask(value.get_secret_value())
        case timedelta():
            return format_duration(value)
        case tuple():
            return ",".join(map(str, value))
        case bool():
            return str(value).lower()
        case None:
            return FOREVER
        case _:
            return str(value)


def _faults(error: ValidationError, *, given: dict[str, Any]) -> list[str]:
    """Say each fault in words of ours, under the name by which the value came in."""
    said = []
    for fault in error.errors(include_url=False, include_input=False):
        name = str(fault["loc"][0]) if fault["loc"] else "settings"
        match fault["type"]:
            case "default_factory_not_called":
                continue  # The lease is bad, which is said already.
            case "extra_forbidden":
                near = difflib.get_close_matches(name, Settings.model_fields, 1)
                text = "no such setting" + (f"; did you mean {near[0]}?" if near else "")
            case _:
                text = str(fault.get("ctx", {}).get("error", fault["msg"]))
        # A connection string may have been given to the wrong variable.
        said.append(mask(f"{name if name in given else variable(name)}: {text}"))
    return said


def _misspelt(names: Iterable[str]) -> list[str]:
    """Find variables that look like a setting's, and are none; others may belong to anyone."""
    known = [*map(variable, Settings.model_fields), *OTHERS]
    stems = [name.removeprefix(PREFIX) for name in known]
    faults = []
    for name in sorted(names):
        stem = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and stem not in stems:
            near = difflib.get_close_matches(stem, stems, 1, cutoff=0.82)
            if near:
                faults.append(f"{name}: no such variable; did you mean {PREFIX}{near[0]}?")
    return faults

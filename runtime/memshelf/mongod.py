"""The `mongod` program: where it is found on this machine, and how a development server runs it."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from memshelf.errors import DevServerError

VARIABLE = "MEMSHELF_MONGOD"
REPLICA_SET = "memshelf"
LIBCURL_MISSING = "libcurl.so.4: cannot open shared object file"
"""What the loader says on a machine without libcurl."""

WAYS = f"""\
  1. pip install "memshelf[mongod]"     a server from PyPI, for development and tests only
  2. install MongoDB 6.0 or newer       so that `mongod` is on the PATH
  3. {VARIABLE}=/path/to/mongod    names the program itself"""


def find_mongod() -> Path:
    """Give the program's path: from MEMSHELF_MONGOD, then from the PATH, then from the pip-installed package.

    Raises:
        DevServerError: there is none; the text says the three ways to get one.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return named_mongod(named)
    found = shutil.which("mongod")
    if found is not None:
        return Path(found)
    packaged = packaged_mongod()
    if packaged is not None:
        return packaged
    raise DevServerError(f"no mongod was found; there are three ways to get one:\n{WAYS}")


def named_mongod(named: str) -> Path:
    """Give the program that the variable names; a bare name is looked up on the PATH."""
    found = shutil.which(named)
    if found is None:
        fault = "is not a program that this user may run" if Path(named).exists() else "does not exist"
        raise DevServerError(
            f"{VARIABLE}={named}: this {fault}; name the mongod program itself, or unset {VARIABLE}. "
            f"The ways to get one:\n{WAYS}"
        )
    return Path(found).absolute()


def packaged_mongod() -> Path | None:
    """Give the program that the extra `memshelf[mongod]` brings, without importing its package."""
    name = "mongod.exe" if os.name == "nt" else "mongod"
    for folder in package_folders("fiftyone"):
        program = folder / "db" / "bin" / name
        if program.is_file():
            if not os.access(program, os.X_OK):
                program.chmod(program.stat().st_mode | 0o111)
            return program
    return None


def command(program: Path, data: Path, port: int) -> list[str]:
    """Give the command line: loopback only, small caches, no telemetry."""
    return [
        str(program),
        *("--dbpath", str(data)),
        *("--port", str(port)),
        *("--bind_ip", "127.0.0.1"),
        *("--replSet", REPLICA_SET),
        *("--oplogSize", "256"),
        *("--wiredTigerCacheSizeGB", "1"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        "--quiet",
        *(() if os.name == "nt" else ("--nounixsocket",)),
    ]


def libcurl_environment(folder: Path) -> dict[str, str]:
    """Give the environment in which the loader finds pycurl's libcurl under the name that mongod asks for."""
    library = packaged_libcurl()
    if library is None:
        return {}
    links = folder / "lib"
    links.mkdir(exist_ok=True)
    link = links / "libcurl.so.4"
    link.unlink(missing_ok=True)
    link.symlink_to(library)
    paths = [str(links), str(library.parent), os.environ.get("LD_LIBRARY_PATH", "")]
    return {"LD_LIBRARY_PATH": os.pathsep.join(path for path in paths if path)}


def packaged_libcurl() -> Path | None:
    """Give the libcurl of pycurl's wheel, which serves a `mongod` on a machine that has none."""
    for folder in package_folders("pycurl"):
        for library in sorted((folder.parent / "pycurl.libs").glob("libcurl-*.so.4*")):
            return library
    return None


def package_folders(name: str) -> list[Path]:
    """Give the folders of an installed package, which is not imported."""
    spec = find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        return []
    return [Path(folder) for folder in spec.submodule_search_locations]

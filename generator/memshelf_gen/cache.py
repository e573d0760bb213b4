"""Keep the last result in a folder of the project, so that whoever asks the same question again is answered at once.

A result is believed only if this user wrote it: it is signed with a secret that never enters the project. A folder that
was committed, copied or unpacked can therefore not make `check` say what is not so. Nothing in here is ever an error:
a result that cannot be read, or not be written, is made anew.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path

FOLDER = ".memshelf-cache"
_RESULT = "generation"
_NOTES = {
    ".gitignore": "# Made by memshelf-gen.\n*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Made by memshelf-gen; may be deleted.\n",
}
_SIZE = 32


class Cache:
    """The results that one user keeps in one project: the last one."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER

    def load(self, key: str) -> str | None:
        """Give the text that was stored under a key, if it was the last one and is whole."""
        secret = _secret(_home())
        if secret is None:
            return None
        try:
            signature, _, signed = (self._folder / _RESULT).read_bytes().partition(b"\n")
            found, _, text = signed.partition(b"\n")
            if found != key.encode() or not compare_digest(_sign(signed, secret), signature):
                return None
            return text.decode("utf-8")
        except (OSError, ValueError):
            return None

    def store(self, key: str, text: str) -> None:
        """Store a text, which takes the place of the last one; no reader ever sees half of it."""
        with suppress(OSError, ValueError):
            home = _home()
            secret = _secret(home) or _make_secret(home)
            if secret is None or self._folder.is_symlink():
                return
            self._folder.mkdir(exist_ok=True)
            for name, note in _NOTES.items():
                if not (self._folder / name).exists():
                    _put(self._folder / name, note.encode())
            signed = b"\n".join((key.encode(), text.encode("utf-8")))
            _put(self._folder / _RESULT, b"\n".join((_sign(signed, secret), signed)))


def _sign(signed: bytes, secret: bytes) -> bytes:
    return blake2b(signed, key=secret, digest_size=_SIZE).hexdigest().encode()


def _home() -> Path | None:
    """Give the folder where this user's programs keep what can be made anew; None when they have no home."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(named) if os.path.isabs(named) else Path.home() / ".cache") / "memshelf"
    except RuntimeError:
        return None


def _secret(home: Path | None) -> bytes | None:
    if home is None:
        return None
    try:
        found = (home / "secret").read_bytes()
    except OSError:
        return None
    return found if len(found) == _SIZE else None


def _make_secret(home: Path | None) -> bytes | None:
    """Make this user's secret; of two processes that do it at once, the later one's is kept."""
    if home is None:
        return None
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(home / "secret", os.urandom(_SIZE))
    return _secret(home)


def _put(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # which only this user can read
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

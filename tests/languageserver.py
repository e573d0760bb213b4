"""Talk with the YAML language server, the program behind the help that editors give for YAML files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Any

from tests.nodejs import environment, program

PATIENCE = 60.0
"""Seconds after which a server is ended, so that a question that it never answers fails."""

"""Seconds after which a server that says nothing is ended."""


@contextmanager
def language_server(folder: Path) -> Iterator[LanguageServer]:
    """Start the server for a folder, as an editor does, without the network's catalogue of schemas."""
    process = subprocess.Popen(
        [program("yaml-language-server"), "--stdio"],
        env=environment(),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    limit = Timer(PATIENCE, process.kill)
    limit.start()
    with process:
        try:
            server = LanguageServer(process.stdin, process.stdout)
            server.start(folder)
            yield server
        finally:
            limit.cancel()
            process.kill()


class LanguageServer:
    """One conversation, in which each question waits for its answer."""

    def __init__(self, to_server: IO[bytes], from_server: IO[bytes]) -> None:
        self._to, self._from = to_server, from_server
        self._asked = 0
        self._told: dict[str, list[dict[str, Any]]] = {}

    def start(self, folder: Path) -> None:
        """Introduce an editor that takes whatever the server says."""
        folders = [{"uri": folder.as_uri(), "name": folder.name}]
        self._ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.as_uri(),
                "workspaceFolders": folders,
                "capabilities": {
                    "textDocument": {"completion": {"completionItem": {"documentationFormat": ["plaintext"]}}},
                    "workspace": {"configuration": True},
                },
            },
        )
        self._send({"method": "initialized", "params": {}})

    def problems(self, file: Path) -> list[dict[str, Any]]:
        """Open a file and give what the server finds wrong with it."""
        self._told.pop(file.as_uri(), None)
        item = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": file.read_text(encoding="utf-8")}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": item}})
        while file.as_uri() not in self._told:
            self._receive()
        return self._told[file.as_uri()]

    def completions(self, file: Path, *, line: int, column: int) -> dict[str, str]:
        """Give what may be written at a place of an opened file (from 0), each with its description."""
        found = self._ask("textDocument/completion", _place(file, line, column))
        return {each["label"]: _text(each.get("documentation", "")) for each in found["items"]}

    def hover(self, file: Path, *, line: int, column: int) -> str:
        """Give what is said of a place of an opened file (from 0)."""
        found = self._ask("textDocument/hover", _place(file, line, column))
        return _text(found["contents"]) if found else ""

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._asked and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._to.flush()

    def _receive(self) -> dict[str, Any]:
        """Read one message; what the server asks of an editor is answered, what it finds is kept."""
        length = 0
        while (line := self._from.readline()) != b"\r\n":
            assert line, "the server has ended"
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self._from.read(length))
        match message:
            case {"method": "workspace/configuration", "id": number, "params": {"items": items}}:
                self._send({"id": number, "result": [_setting(each.get("section")) for each in items]})
            case {"method": _, "id": number}:
                self._send({"id": number, "result": None})
            case {"method": "textDocument/publishDiagnostics", "params": params}:
                self._told[params["uri"]] = params["diagnostics"]
            case _:
                pass
        return message


def _setting(section: str | None) -> dict[str, Any]:
    """Answer as an editor does in which only this server's schemas from the network are switched off."""
    return {"schemaStore": {"enable": False}, "validate": True, "completion": True} if section == "yaml" else {}


def _place(file: Path, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": column}}


def _text(content: Any) -> str:
    return content if isinstance(content, str) else str(content.get("value", ""))

"""A Jupyter server with nbgrader's formgrader on a course, as an instructor starts it."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.tests.nbgrader_here import environment, nbgrader_python

TOKEN = "look"


class Formgrader:
    """The server: its pages by address, its API by name."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}/formgrader"

    def page(self, place: str) -> str:
        """The address of a page."""
        return f"{self._base}/{place}?token={TOKEN}"

    def api(self, place: str) -> Any:
        """What a resource of the API says."""
        with urllib.request.urlopen(self.page(f"api/{place}"), timeout=60) as answer:
            return json.loads(answer.read())

    def press(self, place: str) -> Any:
        """What a button of the pages answers."""
        request = urllib.request.Request(self.page(f"api/{place}"), data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def formgrader(course: Path) -> Iterator[Formgrader]:
    """The server of a course, up."""
    port = _free_port()
    options = [f"--port={port}", "--no-browser", "--allow-root", f"--ServerApp.root_dir={course}",
               f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0"]  # fmt: skip
    log = course / "server.log"
    with log.open("wb") as file:
        command = [nbgrader_python(), "-m", "jupyter_server", *options]
        process = subprocess.Popen(command, cwd=course, env=environment(), stdout=file, stderr=file)
    server = Formgrader(port)
    try:
        end = time.monotonic() + 90
        while True:
            try:
                server.api("assignments")
                break
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise AssertionError(log.read_text(encoding="utf-8")[-3000:]) from None
                time.sleep(0.3)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

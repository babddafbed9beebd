"""A headless Chromium for the tests of the pages, driven over its debugging pipe: no driver, no network port."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--mute-audio",
    "--remote-debugging-pipe",
)
MISSING = (
    "These tests look at the pages in a real browser and there is none: install it (Debian and Ubuntu: "
    "apt-get update && apt-get install -y chromium), or set GRADER_NO_BROWSER=1 to go without."
)
COMPLAINTS = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")


def find_browser() -> str | None:
    """The path of a Chromium, or None."""
    chosen = os.environ.get("GRADER_BROWSER")
    return chosen or next((path for path in map(shutil.which, NAMES) if path), None)


def _pipe() -> tuple[int, int]:
    """The two ends of a pipe, clear of the numbers 3 and 4 that the browser wants for its own ends."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


class BrowserError(Exception):
    """The browser did not do what it was asked."""


class Browser:
    """One browser with one tab."""

    def __init__(self, path: str, profile: Path) -> None:
        from_us, self._to_browser = _pipe()
        self._from_browser, to_us = _pipe()
        with Path(os.devnull).open("w") as nowhere:
            actions = [
                (os.POSIX_SPAWN_DUP2, from_us, 3),
                (os.POSIX_SPAWN_DUP2, to_us, 4),
                (os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, nowhere.fileno(), 2),
            ]
            arguments = [path, *FLAGS, f"--user-data-dir={profile}"]
            self._pid = os.posix_spawn(path, arguments, os.environ, file_actions=actions, setpgroup=0)
        os.close(from_us)
        os.close(to_us)
        self._number = 0
        self._buffer = b""
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._to_browser)
        os.close(self._from_browser)

    # -- the pipe ----------------------------------------------------------------------------------------------------

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, event: str) -> None:
        """Wait until an event has come."""
        while not any(seen.get("method") == event for seen in self.events):
            self.events.append(self._next())

    def _next(self, seconds: float = 60.0) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while b"\0" not in self._buffer:
            ready, _w, _x = select.select([self._from_browser], [], [], max(0.0, end - time.monotonic()))
            piece = os.read(self._from_browser, 1 << 20) if ready else b""
            if not piece:
                raise BrowserError("the browser went away" if ready else f"no answer within {seconds:g} s")
            self._buffer += piece
        text, _separator, self._buffer = self._buffer.partition(b"\0")
        return json.loads(text)

    # -- a page ------------------------------------------------------------------------------------------------------

    def open(self, page: Path) -> float:
        """Open a file; returns the seconds until it is loaded and painted."""
        self.events.clear()
        started = time.monotonic()
        self.ask("Page.navigate", url=page.resolve().as_uri())
        self.wait_for("Page.loadEventFired")
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
        return time.monotonic() - started

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(answer["exceptionDetails"].get("exception", {}).get("description", "exception"))
        return answer["result"].get("value")

    def screen(self, width: int, height: int, *, dark: bool = False, media: str = "") -> None:
        """Set the size of the window and what the reader prefers."""
        phone = width < 600
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def screenshot(self, file: Path, *, whole: bool = False) -> None:
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(answer["data"]))

    def pdf(self) -> bytes:
        return base64.b64decode(self.ask("Page.printToPDF", printBackground=False)["data"])

    def complaints(self) -> list[str]:
        """What the console and the log said since the page was opened."""
        return [json.dumps(event["params"])[:500] for event in self.events if event.get("method") in COMPLAINTS]

    def requests(self) -> list[str]:
        """The addresses that the page asked for, itself apart."""
        asked = [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        return asked[1:]


@contextlib.contextmanager
def a_browser() -> Iterator[Browser]:
    """A browser with a fresh profile.

    Raises
    ------
    BrowserError
        There is none, or it does not start.
    """
    path = find_browser()
    if path is None:
        raise BrowserError(MISSING)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(path, Path(profile))
        try:
            yield browser
        finally:
            browser.close()

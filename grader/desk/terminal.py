"""A sitting on a terminal: draws the whole screen anew whenever something has changed, and passes keys on."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.styles import Style

from grader.desk.screen import fragments, screen
from grader.desk.watch import TICK_SECONDS, Desk
from grader.reports.terminal import charset_of

STYLE = Style.from_dict(
    {
        "title": "bold",
        "right": "ansigreen",
        "wrong": "ansired",
        "waiting": "bold",
        "dim": "ansibrightblack",
        "note": "ansicyan",
        "cursor": "reverse",
    }
)

PAGE = 10


class Terminal:
    """The full screen."""

    def __init__(self) -> None:
        self._app: Application[None] | None = None
        self._desk: Desk | None = None
        self._interrupted = False
        self._charset = charset_of(sys.stdout)

    def tell(self, what: str) -> None:
        if self._app is None or not self._app.is_running:
            return
        if what == "end":
            if not self._app.is_done:
                self._app.exit()
        else:
            self._app.invalidate()

    def show(self, desk: Desk) -> None:
        self._desk = desk
        control = FormattedTextControl(self._text, focusable=True, show_cursor=False)
        self._app = Application(
            layout=Layout(Window(control, wrap_lines=False, always_hide_cursor=True)),
            key_bindings=self._keys(desk),
            style=STYLE,
            full_screen=True,
        )
        try:
            self._app.run(pre_run=self._start, handle_sigint=False)
        except EOFError:  # the terminal is gone
            return
        if self._interrupted:
            raise KeyboardInterrupt

    def _text(self) -> StyleAndTextTuples:
        assert self._app is not None and self._desk is not None
        size = self._app.output.get_size()
        return [*fragments(screen(self._desk.sitting, size.columns, size.rows, self._charset))]

    def _start(self) -> None:
        assert self._app is not None and self._desk is not None
        app, desk = self._app, self._desk
        loop = asyncio.get_running_loop()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the sitting is over
                loop.call_soon_threadsafe(desk.inbox.work)

        desk.inbox.wake = wake
        wake()
        app.create_background_task(self._clock(desk))
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and sys.platform != "win32":
                loop.add_signal_handler(number, desk.sitting.end)

    @staticmethod
    async def _clock(desk: Desk) -> None:
        while not desk.sitting.over:
            await asyncio.sleep(TICK_SECONDS)
            desk.sitting.tick()

    def _interrupt(self) -> None:
        self._interrupted = True
        assert self._desk is not None
        self._desk.sitting.end()

    def _keys(self, desk: Desk) -> KeyBindings:
        sitting = desk.sitting
        does: dict[str, Callable[[], Any]] = {
            "h": sitting.hint,
            "l": sitting.show_list,
            "a": sitting.show_all,
            "p": sitting.plot,
            "L": sitting.switch_language,
            "q": sitting.end,
            "Q": sitting.end,
            "c-c": self._interrupt,
            "c-d": sitting.end,
            "escape": sitting.back,
            "enter": sitting.choose,
            "up": lambda: sitting.move(-1),
            "k": lambda: sitting.move(-1),
            "down": lambda: sitting.move(1),
            "j": lambda: sitting.move(1),
            "pageup": lambda: sitting.move(-PAGE),
            "pagedown": lambda: sitting.move(PAGE),
            " ": lambda: sitting.move(PAGE),
            "home": lambda: sitting.move(-10_000),
            "end": lambda: sitting.move(10_000),
        }
        bindings = KeyBindings()
        for key, action in does.items():
            bindings.add(key)(_press(action))
        return bindings


def _press(action: Callable[[], Any]) -> Callable[[KeyPressEvent], None]:
    def pressed(event: KeyPressEvent) -> None:
        action()

    return pressed

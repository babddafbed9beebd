"""A sitting without a terminal: plain lines, one verdict after another, until it is interrupted."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from grader.desk import rows
from grader.desk.layout import Row
from grader.desk.place import short_path
from grader.desk.watch import TICK_SECONDS, Desk
from grader.language import _
from grader.reports.terminal import charset_of


class Plain:
    """Prints what there is to say when there is something to say."""

    def __init__(self) -> None:
        self._desk: Desk | None = None
        self._charset = charset_of(sys.stdout)

    def tell(self, what: str) -> None:
        if self._desk is None:
            return
        sitting = self._desk.sitting
        if what == "verdict":
            shown = [*rows.heading(sitting, self._charset), *rows.verdict_rows(sitting, self._charset)]
            self._print([*shown, *rows.focus_rows(sitting), Row()])
        elif what == "note" and sitting.note:
            self._print([Row(sitting.note)])

    def show(self, desk: Desk) -> None:
        self._desk = desk
        text = _("Watching {folder}. Save a file to see its verdict; Ctrl-C ends.")
        self._print([Row(text.format(folder=short_path(desk.folder)))])
        if desk.sitting.note:
            self._print([Row(desk.sitting.note)])
        while not desk.sitting.over:
            desk.inbox.wait(TICK_SECONDS)
            desk.sitting.tick()

    @staticmethod
    def _print(lines: Iterable[Row]) -> None:
        encoding = sys.stdout.encoding or "utf-8"
        for row in lines:
            print(row.text.encode(encoding, "replace").decode(encoding), flush=True)

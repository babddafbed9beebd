"""Feedback pages: what `nbgrader generate_feedback` makes, many of them, without loading everything for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import html as exporter_module
from nbconvert.filters import Highlight2HTML
from nbgrader.apps import AutogradeApp
from nbgrader.converters import GenerateFeedback


def prepare_feedback(argument: tuple[str, str]) -> Callable[[str], None]:
    """Load nbgrader's exporter once; gives what makes the pages of one student.

    Parameters
    ----------
    argument : tuple of str
        The folder of the course and the name of the assignment.
    """
    root, assignment = argument
    os.chdir(root)
    AutogradeApp.clear_instance()
    app = AutogradeApp()
    app.log_level = 40
    app.initialize([assignment], root=root)
    directory = app.coursedir
    converter = GenerateFeedback(coursedir=directory, parent=app)
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    exporter.filters = {"highlight_code": _remembering(Highlight2HTML(pygments_lexer="python", parent=exporter))}
    for preprocessor in converter.preprocessors:
        exporter.register_preprocessor(preprocessor)

    def make(student: str) -> None:
        origin = Path(directory.format_path(directory.autograded_directory, student, assignment))
        target = Path(directory.format_path(directory.feedback_directory, student, assignment))
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(origin.glob("*.ipynb")):
            place = {"student": student, "assignment": assignment, "notebook": path.stem, "db_url": directory.db_url}
            resources = {"unique_key": path.stem, "output_files_dir": f"{path.stem}_files", "nbgrader": place}
            with _soup_where_it_is_needed():
                page, _resources = exporter.from_filename(str(path), resources=resources)
            part = target / f".{path.stem}.part"
            part.write_bytes(page.encode("utf-8", "replace"))
            part.chmod(0o644)
            part.replace(target / f"{path.stem}.html")
        stamp = origin / "timestamp.txt"
        if stamp.exists():
            (target / stamp.name).write_bytes(stamp.read_bytes())

    return make


def _remembering(highlight: Highlight2HTML) -> Callable[..., str]:
    """The same highlighting; cells that are alike in many notebooks are done once."""

    @lru_cache(maxsize=2000)
    def remembered(source: str) -> str:
        return highlight(source)

    def either(source: str, language: str | None = None, metadata: Any = None) -> str:
        special = language or "magics_language" in (metadata or {})
        return highlight(source, language, metadata) if special else remembered(source)

    return either


class _AsItIs:
    """A page in which there is nothing to find."""

    def __init__(self, page: str) -> None:
        self._page = page

    def select(self, _selector: str) -> list[Any]:
        return []

    def __str__(self) -> str:
        return self._page


@contextmanager
def _soup_where_it_is_needed() -> Iterator[None]:
    """The exporter reads each page again, to describe its images and the areas of JupyterLab's template.

    That takes longer than all the rest, and most pages have neither.
    """
    names = vars(exporter_module)
    soup = names.get("BeautifulSoup")
    if soup is None:
        yield
        return

    def read(page: str, *arguments: Any, **options: Any) -> Any:
        if "<img" in page.lower() or "jp-Notebook" in page:
            return soup(page, *arguments, **options)
        return _AsItIs(page)

    names["BeautifulSoup"] = read
    try:
        yield
    finally:
        names["BeautifulSoup"] = soup

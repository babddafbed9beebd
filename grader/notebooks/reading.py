"""Any file as a notebook: one that is damaged becomes one that says so."""

from __future__ import annotations

import json
from pathlib import Path

from grader.language import _
from grader.notebooks.cell import Notebook
from grader.notebooks.siblings import read_notebook
from grader.notebooks.tidy import readable_notebook, unreadable_notebook


def notebook_at(path: Path) -> tuple[Notebook, str]:
    """The notebook in a file, and why it could not be read (empty if it could).

    Parameters
    ----------
    path : Path
        Whatever a student handed in under this name.

    Returns
    -------
    notebook : dict
        As `readable_notebook` gives it, or one that holds the reason.
    reason : str
    """
    try:
        record = read_notebook(path)
        if record.get("nbformat") not in (None, 4):
            import nbformat  # for notebooks of another age only

            record = nbformat.convert(nbformat.from_dict(record), 4)
        if not isinstance(record.get("cells"), list):
            raise ValueError(_("it has no cells"))
        return readable_notebook(record), ""
    except json.JSONDecodeError:
        reason = _("its JSON is damaged")
    except UnicodeDecodeError:
        reason = _("it is not UTF-8 text")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except Exception as error:  # whatever a conversion of old formats meets in a hostile file
        reason = str(error) or type(error).__name__
    return unreadable_notebook(reason), reason

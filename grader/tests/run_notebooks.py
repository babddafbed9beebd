"""Runs notebooks from top to bottom in real Jupyter kernels; started in the environment that has Jupyter.

    python run_notebooks.py OUT NOTEBOOK...

Each notebook is run in its own folder and written, with its outputs, to OUT under the name of its folder's parent.
Prints a JSON object: for each notebook what went wrong, and what its cells said on stderr.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


async def run(path: Path, out: Path, room: asyncio.Semaphore) -> tuple[str, list[str]]:
    async with room:
        notebook = nbformat.read(path, as_version=4)
        place = {"metadata": {"path": path.parent}}
        client = NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True, resources=place)
        await client.async_execute()
    nbformat.write(notebook, out / f"{path.parent.parent.name}-{path.name}")
    problems = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                problems.append(f"{cell.source.splitlines()[:3]}: {output.ename}: {output.evalue}")
            elif output.output_type == "stream" and output.name == "stderr":
                problems.append(f"{cell.source.splitlines()[:3]}: stderr: {output.text}")
    return f"{path.parent.parent.name}/{path.name}", problems


async def main(out: Path, paths: list[Path]) -> None:
    room = asyncio.Semaphore(2)
    found = await asyncio.gather(*(run(path, out, room) for path in paths))
    print(json.dumps(dict(found)))


asyncio.run(main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]))

"""Makes `docs/primera-hora.md`: the first hour of a new student, in Spanish, as the terminal really shows it.

    python docs/primera_hora.py

It makes the kit for students, installs it in an environment of its own, types each command at a terminal, and
writes down what stands on the screen. Only the folder's place is shortened to `~`, and blank lines are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pexpect
import pyte

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "primera-hora.md"
COLUMNS, LINES = 100, 30
SETTLED = 1.5
"""Seconds without a change after which a screen is done."""

INTRODUCTION = """# La primera hora

Así es la primera hora de un estudiante nuevo: cada comando que escribe y cada pantalla que ve, tal como fueron en una
terminal de 100 columnas. Lo escribió `python docs/primera_hora.py`; solo se abrevió como `~` el lugar de la carpeta, se
quitaron las líneas vacías seguidas, y de las salidas largas se muestra el final.
"""

WRONG_SIGMOID = "return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))"
RIGHT_SIGMOID = "return 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float)))"
WRONG_MSE = """y, y_hat = np.asarray(y, dtype=float), np.asarray(y_hat, dtype=float)
    if y.shape != y_hat.shape:
        raise ValueError("las formas no coinciden")
    return np.sum((y - y_hat) ** 2)"""
RIGHT_MSE = WRONG_MSE.replace("np.sum", "np.mean")


class Terminal:
    """A terminal with a program in it."""

    def __init__(self, home: Path, command: str, lines: int = LINES) -> None:
        self.home = home
        self._screen = pyte.HistoryScreen(COLUMNS, lines, history=5000, ratio=1.0)
        self._stream = pyte.ByteStream(self._screen)
        dropped = ("GRADER_LANG", "LANGUAGE", "DISPLAY", "WAYLAND_DISPLAY", "PYTHONPATH", "VIRTUAL_ENV")
        environment = {name: value for name, value in os.environ.items() if name not in dropped}
        environment |= {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "PIP_QUIET": "3"}
        size, kit = (lines, COLUMNS), home / "ejercicios"
        self.process = pexpect.spawn(
            "/bin/bash", ["-c", command], cwd=kit, env=environment, dimensions=size, timeout=None
        )

    def settle(self, text: str = "", patience: float = 240.0) -> str:
        """Wait until this text is on the screen and nothing changes any more, or the program ends; gives the screen."""
        end, quiet = time.monotonic() + patience, time.monotonic()
        while time.monotonic() < end:
            try:
                self._stream.feed(self.process.read_nonblocking(1 << 16, timeout=0.2))
                quiet = time.monotonic()
            except pexpect.TIMEOUT:
                if time.monotonic() - quiet > SETTLED and text and text in " ".join(self.shown.split()):
                    return self.shown
            except pexpect.EOF:
                return self.shown
        raise SystemExit(f"«{text}» never appeared:\n{self.shown}")

    @property
    def shown(self) -> str:
        """What was and is on the screen."""
        above = ["".join(line[column].data for column in range(COLUMNS)) for line in self._screen.history.top]
        rows = [row.rstrip() for row in (*above, *self._screen.display)]
        return "\n".join(rows).strip("\n").replace(str(self.home), "~")


class Hour:
    """The page as it grows."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.parts = [INTRODUCTION]

    def says(self, text: str) -> None:
        self.parts.append(text)

    def types(self, command: str, last: int = 0) -> None:
        """A command, and what it shows: all of it, or the last lines."""
        shown = Terminal(self.home, command, lines=200).settle()
        rows = shown.split("\n")
        if last and len(rows) > last:
            rows = ["[…]", *rows[-last:]]
        self.parts.append("```console\n$ " + command + "\n" + "\n".join(rows).rstrip() + "\n```")

    def sees(self, screen: str) -> None:
        self.parts.append("```text\n" + re.sub(r"\n{3,}", "\n\n", screen) + "\n```")

    def edits(self, topic: str, name: str, code: str) -> None:
        """The student writes an exercise in the editor and saves."""
        file = self.home / "ejercicios" / "exercises" / f"{topic}.py"
        source = file.read_text(encoding="utf-8")
        marked = f'raise NotImplementedError("{topic}.{name}")'
        old = marked if marked in source else self._written
        assert source.count(old) == 1, old
        self._written = code
        self.parts.append(f"```python\n# exercises/{topic}.py, en {name}\n    {code}\n```")
        file.write_text(source.replace(old, code), encoding="utf-8")


def write(hour: Hour) -> None:
    """The hour, from the zip to the end of the evening."""
    hour.says("## Instalar\n\nEl docente reparte `ejercicios.zip`. Descomprimido, en su carpeta:")
    hour.types("python3 -m venv .venv && .venv/bin/pip install -q -e . && echo listo")
    hour.says("La primera ejecución dice cuánto hay por hacer; nada está mal todavía:")
    hour.types(".venv/bin/pytest -q", last=14)

    hour.says("## El primer ejercicio\n\n¿De qué se trata `sigmoid`?")
    hour.types(".venv/bin/grader hint sigmoid")
    hour.says("Se abre `exercises/activations.py` en el editor y se escribe la fórmula tal cual:")
    hour.edits("activations", "sigmoid", WRONG_SIGMOID)
    hour.types('.venv/bin/pytest -q -k "sigmoid and not derivative" tests/test_activations.py')
    hour.says("La fórmula es correcta, pero no para números grandes; el error tiene nombre y una pista:")
    hour.edits("activations", "sigmoid", RIGHT_SIGMOID)
    hour.types('.venv/bin/pytest -q -k "sigmoid and not derivative" tests/test_activations.py')

    hour.says("## Con `grader watch` al lado del editor\n\nSe queda abierto y mira cada vez que se guarda:")
    watch = Terminal(hour.home, ".venv/bin/grader watch losses")
    hour.sees(watch.settle("Sigue:"))
    hour.says("Se escribe `mse` y se guarda:")
    hour.edits("losses", "mse", WRONG_MSE)
    hour.sees(watch.settle("Esto es lo que da"))
    hour.says("Otra vez un error con nombre. La tecla `h` da una pista:")
    watch.process.send("h")
    hour.sees(watch.settle("ista"))
    watch.process.send("\x1b")
    hour.says("Claro: es una media. Se corrige y se guarda:")
    hour.edits("losses", "mse", RIGHT_MSE)
    hour.sees(watch.settle("está bien"))
    hour.says("La tecla `l` muestra la lista:")
    watch.process.send("l")
    hour.sees(watch.settle("mse"))
    watch.process.send("\x1b")
    watch.settle("Sigue:")
    hour.says("Y `q` termina.")
    watch.process.send("q")
    hour.sees(watch.settle().split("\n")[-1])

    hour.says("## Antes de ir a dormir\n\n¿Cuánto llevo?")
    hour.types(".venv/bin/grader progress")
    hour.says("El código propio, dibujado junto a las curvas correctas:")
    hour.types(".venv/bin/grader plot activations -o activaciones.png")
    hour.says("Y si una plantilla quedó estropeada, vuelve, y lo escrito se guarda:")
    hour.types(".venv/bin/grader reset mse")


def main() -> None:
    """Make the kit, live through the hour, write the page."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        environment = {**os.environ, "GRADER_LANG": "es"}
        release = [sys.executable, "-m", "grader", "release", str(home / "ejercicios")]
        subprocess.run(release, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        hour = Hour(home)
        write(hour)
        text = "\n\n".join(part.strip("\n") for part in hour.parts) + "\n"
        PAGE.write_text(re.sub(r"[ \t]+\n", "\n", text), encoding="utf-8")


if __name__ == "__main__":
    main()

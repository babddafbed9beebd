"""`grader export gradescope`: the zip file that Gradescope takes as an autograder."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

from grader.answers.sheet import RECORDED
from grader.exports.gradescope_run import SETTINGS, Settings
from grader.exports.kit import kit_files

SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image.
set -euo pipefail
root=${GRADER_AUTOGRADER_ROOT:-/autograder}
python=${GRADER_PYTHON:-python3}
if ! "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install -q -r "$root/source/requirements.txt"
site=$("$root/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$root/source/kit" > "$site/kit.pth"
"""

RUN = """#!/usr/bin/env bash
# Gradescope runs this for every submission.
set -euo pipefail
root=${GRADER_AUTOGRADER_ROOT:-/autograder}
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
exec "$root/venv/bin/python" -m grader.exports.gradescope_run "$root"
"""

REQUIREMENTS = """numpy>=1.24
pytest>=7.4
tomli>=2; python_version < "3.11"
"""

WHEN = (2020, 1, 1, 0, 0, 0)
"""The time of every file in the zip: the same kit gives the same bytes."""


def gradescope_zip(settings: Settings, sheet: Path = RECORDED) -> bytes:
    """The zip file.

    Parameters
    ----------
    settings : Settings
    sheet : Path, optional
        The recorded answers that it takes along: they decide the seed.

    Raises
    ------
    KitError
        A file of the kit is missing.
    """
    files = {f"kit/{place}": content for place, content in kit_files(settings.topics, sheet).items()}
    files |= {
        "setup.sh": SETUP.encode(),
        "run_autograder": RUN.encode(),
        "requirements.txt": REQUIREMENTS.encode(),
        SETTINGS: settings.to_json().encode(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in sorted(files.items()):
            member = zipfile.ZipInfo(place, WHEN)
            member.compress_type = zipfile.ZIP_DEFLATED
            executable = place in ("setup.sh", "run_autograder")
            member.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
            archive.writestr(member, content)
    return buffer.getvalue()

"""`grader export github-actions`: a workflow that grades a student's repository, and reports to GitHub Classroom."""

from __future__ import annotations

import re

from grader.language import SOURCE, _

PLACE = ".github/workflows/classroom.yml"
"""The place, the names and the permissions are those of the workflows that GitHub Classroom makes itself."""

_TEMPLATE = """# Grades every push: the score and every message stand in the summary of the run.
name: Autograding Tests
on: [push, workflow_dispatch, repository_dispatch]
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    if: github.actor != 'github-classroom[bot]'
    env:
      GRADER_LANG: {language}
    steps:
      - name: The student's repository
        uses: actions/checkout@v4
        with:
          persist-credentials: false
{kit_checkout}      - name: Python
        uses: actions/setup-python@v5
        with:
          python-version: "3.12"
          cache: pip
          cache-dependency-path: {kit}/pyproject.toml
      - name: The kit
        run: python -m pip install -q -e {kit}
      - name: Grade
        working-directory: {kit}
        run: python -m pytest -q {target}--result "$RUNNER_TEMP/result.json"{topics} || true
      - name: The score, and what is wrong
        id: kit
        run: |
          python -m grader.exports.job_summary "$RUNNER_TEMP/result.json" >> "$GITHUB_STEP_SUMMARY"
          python -m grader.exports.job_summary "$RUNNER_TEMP/result.json" --outputs >> "$GITHUB_OUTPUT"
      - name: GitHub Classroom
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
          KIT_RESULTS: ${{{{ steps.kit.outputs.result }}}}
        with:
          runners: kit
"""

_KIT_CHECKOUT = """      - name: The kit, out of the student's reach
        uses: actions/checkout@v4
        with:
          persist-credentials: false
          repository: {repository}
{ref}          path: .kit
"""


class WorkflowError(Exception):
    """The workflow cannot be written as asked: one sentence."""


def workflow(topics: tuple[str, ...] = (), kit: str = "", language: str = SOURCE) -> str:
    """The text of the workflow file.

    Parameters
    ----------
    topics : tuple of str, optional
        What is graded; all if empty.
    kit : str, optional
        `owner/repository` or `owner/repository@ref` of the kit that grades, so that the tests are not those that lie in
        the student's repository. By default the student's repository is the kit.
    language : str, optional
        In which the messages are.

    Raises
    ------
    WorkflowError
        `kit` is not a repository's name.
    """
    checkout, place, target = "", ".", ""
    if kit:
        found = re.fullmatch(r"([\w.-]+/[\w.-]+?)(?:@([\w./-]+))?", kit)
        if found is None:
            raise WorkflowError(_("{kit} is not the name of a repository: write owner/repository or "
                                  "owner/repository@ref.").format(kit=kit))  # fmt: skip
        ref = f"          ref: {found[2]}\n" if found[2] else ""
        checkout, place = _KIT_CHECKOUT.format(repository=found[1], ref=ref), ".kit"
        target = '--target "$GITHUB_WORKSPACE/exercises" '
    tests = "".join(f" tests/test_{topic}.py" for topic in topics)
    return _TEMPLATE.format(kit_checkout=checkout, kit=place, target=target, topics=tests, language=language)

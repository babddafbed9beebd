"""The table of the course, the stubs, the solutions and the checks tell one story."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from grader.course import KINDS, ROOT, the_course
from grader.stubs import stale_stubs
from grader.suite import Check

COURSE = the_course()

CURRICULUM = {
    "activations": "sigmoid sigmoid_derivative tanh tanh_derivative relu relu_derivative leaky_relu "
    "leaky_relu_derivative prelu prelu_backward normal_cdf gelu gelu_derivative gelu_tanh gelu_tanh_derivative "
    "softmax softmax_backward",
    "backprop": "dense_forward hidden_delta dense_gradients vanishing_bound numerical_gradient mlp_forward "
    "mlp_backward gradient_norms",
    "scaling": "standardize min_max scale_bytes StandardScaler MinMaxScaler ChannelScaler split_and_scale "
    "gradient_descent mse_condition_number",
    "batchnorm": "batch_mean_and_variance normalize scale_and_shift update_running_statistics batchnorm_backward "
    "BatchNorm batchnorm_layer layer_norm group_norm",
    "losses": "mse mse_gradient mae mae_gradient huber huber_gradient bce bce_gradient bce_with_logits "
    "bce_with_logits_gradient log_softmax categorical_cross_entropy cross_entropy_with_logits "
    "cross_entropy_with_logits_gradient multilabel_bce_with_logits multilabel_bce_with_logits_gradient",
    "regularization": "l2_penalty l2_gradient sgd_weight_decay_step AdamL2 AdamW EarlyStopping",
    "dropout": "dropout_mask dropout_forward dropout_backward Dropout SpatialDropout monte_carlo_mean",
    "choices": "ACTIVATIONS TASKS NORMALIZATION REGULARIZATION",
    "network": "MLP train",
}


def test_the_course_has_every_exercise_of_the_curriculum() -> None:
    for topic, names in CURRICULUM.items():
        assert [name for name in COURSE.names[topic] if name in names.split()] == names.split()


def definitions(folder: str, topic: str) -> dict[str, ast.AST]:
    tree = ast.parse((ROOT / folder / f"{topic}.py").read_text(encoding="utf-8"))
    found: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, node)
    return found


def written_signature(node: ast.AST) -> str:
    """The signature as the course table writes it: without annotations, and without self."""
    if isinstance(node, ast.ClassDef):
        methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == "__init__"]
        arguments, skip = methods[0].args, 1
    else:
        assert isinstance(node, ast.FunctionDef)
        arguments, skip = node.args, 0
    for argument in [*arguments.args, *arguments.kwonlyargs]:
        argument.annotation = None
    names = [argument.arg for argument in arguments.args]
    defaults = [None] * (len(names) - len(arguments.defaults)) + [ast.unparse(value) for value in arguments.defaults]
    parts = [n if d is None else f"{n}={d}" for n, d in zip(names, defaults, strict=True)][skip:]
    if arguments.kwonlyargs:
        parts += ["*", *(argument.arg for argument in arguments.kwonlyargs)]
    return f"({', '.join(parts)})"


@pytest.mark.parametrize("folder", ["solutions", "exercises"])
@pytest.mark.parametrize("topic", COURSE.topics, ids=lambda topic: topic.name)
def test_names_and_signatures_are_those_of_the_table(folder: str, topic) -> None:
    found = definitions(folder, topic.name)
    for exercise in topic.exercises:
        node = found[exercise.name]
        if exercise.form == "table":
            continue
        assert isinstance(node, ast.ClassDef) == (exercise.form == "class")
        assert written_signature(node) == exercise.signature, exercise.id


def test_stubs_are_made_from_the_solutions() -> None:
    assert stale_stubs(ROOT / "solutions", ROOT / "exercises", tuple(COURSE.names)) == []


def test_points_and_kinds_of_every_exercise_are_those_of_its_checks(checks: list[Check]) -> None:
    """A check that was emptied, dropped or added without a word shows here."""
    points: Counter[str] = Counter()
    kinds: dict[str, set[str]] = {}
    for check in checks:
        points[check.exercise_id] += check.points
        kinds.setdefault(check.exercise_id, set()).add(check.kind)
    assert dict(points) == {exercise.id: exercise.points for exercise in COURSE.exercises}
    assert kinds == {exercise.id: set(exercise.kinds) for exercise in COURSE.exercises}


def test_kinds_are_known_and_every_exercise_has_concepts(checks: list[Check]) -> None:
    assert all(set(exercise.kinds) <= set(KINDS) and "concept" in exercise.kinds for exercise in COURSE.exercises)
    for exercise in COURSE.exercises:
        if exercise.name.endswith(("_gradient", "_derivative", "_backward")) and exercise.name != "numerical_gradient":
            assert "gradient" in exercise.kinds, exercise.id


def test_no_check_is_empty(checks: list[Check]) -> None:
    """Every check makes a claim: its code calls something of `grader.checks`, or asserts."""
    import grader.checks as vocabulary

    claims = {name for name in vocabulary.__all__ if name not in ("check", "generator", "observe")}
    for function in {check.function for check in checks}:
        names = set(function.__code__.co_names) | {"assert" for _ in [0] if "AssertionError" in str(function.__code__)}
        helpers = {name for name in names if callable(function.__globals__.get(name))}
        assert names & claims or helpers, function.__name__


def test_titles_are_sentences_of_their_own(checks: list[Check]) -> None:
    titles = Counter((check.exercise_id, check.title) for check in checks)
    assert [title for title, count in titles.items() if count > 1] == []
    assert all(check.function.__doc__ for check in checks)


def test_tests_import_nothing_of_the_solutions() -> None:
    for path in sorted((ROOT / "tests").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            for module in modules:
                assert module.split(".")[0] not in ("solutions", "torch"), f"{path.name} imports {module}"
                assert not module.startswith("grader.misconceptions"), f"{path.name} imports {module}"


def test_slides_and_foundations_exist() -> None:
    ids = {exercise.id for exercise in COURSE.exercises}
    for exercise in COURSE.exercises:
        assert exercise.slides
        assert set(exercise.builds_on) <= ids, exercise.id
    text = (ROOT / "docs" / "slides.md").read_text(encoding="utf-8")
    assert [exercise.name for exercise in COURSE.exercises if f"{exercise.name}`" not in text] == []

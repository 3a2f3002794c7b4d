"""The number of the model is raised with what it stands for: what small runs keep must not outlive it.

    python -m tests.identity.test_model_version

writes down what the model is now, once its number is raised.
"""

import ast
import hashlib
import sys
from pathlib import Path

import pytest

import throughway.identity
from throughway.identity.incremental.linkage_state import MODEL

ROOM = Path(throughway.identity.__file__).parent
KEPT = Path(__file__).with_name("model.txt")
PYTHON = "{}.{}".format(*sys.version_info)
# These tell or judge what was decided, and decide nothing.
TELL = {
    "linkage/evidence_text.py",
    "linkage/accuracy.py",
    "linkage/data_warnings.py",
}
RAISE = (
    "what is compared, kept or decided changed, in {changed}: raise MODEL in incremental/linkage_state.py, so that communities compare all"
    " anew, and run `python -m tests.identity.test_model_version`"
)


def digests() -> dict[str, str]:
    """Of each module that compares, keeps or decides, without comments, docstrings, imports and layout."""
    paths = sorted([*ROOM.glob("incremental/*.py"), *ROOM.glob("linkage/*.py")])
    names = {path.relative_to(ROOM).as_posix(): path for path in paths}
    return {name: digest(path.read_text("utf-8")) for name, path in names.items() if name not in TELL}


def digest(source: str) -> str:
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def kept() -> tuple[int, str, dict[str, str]]:
    """The number, the Python that wrote it down, and the modules."""
    first, *lines = KEPT.read_text("utf-8").splitlines()
    number, python = first.split()
    return int(number), python, dict(map(str.split, lines))


def test_model_version_is_raised_with_the_code() -> None:
    number, python, before = kept()
    if python != PYTHON:
        pytest.skip(f"written down with Python {python}, and another one spells a program otherwise")
    now = digests()
    changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    assert not changed, RAISE.format(changed=", ".join(changed))
    assert number == MODEL, "MODEL was raised: run `python -m tests.identity.test_model_version`"


def test_comments_and_docstrings_do_not_count() -> None:
    one = 'def f(a):\n    """Says."""\n    return a + 1  # so\n'
    other = 'def f(a):\n    """Says more."""\n    # because\n    return (a\n        + 1)\n'
    assert digest(one) == digest(other)
    assert digest(one) != digest(one.replace("1", "2"))


if __name__ == "__main__":
    if KEPT.exists() and kept()[:2] == (MODEL, PYTHON) and kept()[2] != digests():
        sys.exit(f"Raise MODEL in incremental/linkage_state.py first; it is {MODEL}.")
    lines = [f"{MODEL} {PYTHON}", *(f"{name} {mark}" for name, mark in digests().items())]
    KEPT.write_text("\n".join(lines) + "\n", "utf-8")

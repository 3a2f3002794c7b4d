"""Every name of the project that the benches mention exists, so that a renaming cannot break a bench unnoticed."""

import ast
import importlib
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from bench.equivalents import EQUIVALENT
from bench.mutants import KEPT_FIRST, MODULES, PRINTING, SOURCE
from bench.mutation import TESTS

BENCH = Path(__file__).parents[2] / "bench"
OURS = ("throughway", "bench", "tests")
FILES = [pytest.param(path, id=path.stem) for path in sorted(BENCH.glob("*.py"))]


def trees(path: Path) -> Iterator[ast.Module]:
    """The module, and each program that it holds as a text, such as one for a process of its own."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield tree
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"^\s*(from|import) ", node.value, re.M)
        ):
            with suppress(SyntaxError):  # prose
                yield ast.parse(dedent(node.value))


def resolved(dotted: str) -> object:
    """The module, or what a module has under that name; AttributeError or ImportError where there is none."""
    head, _, last = dotted.rpartition(".")
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError:
        return getattr(importlib.import_module(head), last)


def imported(tree: ast.Module) -> dict[str, str]:
    """What is imported of the project, by the name it has in the module."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {
                (a.asname or a.name.split(".")[0]): a.name if a.asname else a.name.split(".")[0]
                for a in node.names
            }
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return {name: dotted for name, dotted in found.items() if dotted.split(".")[0] in OURS}


@pytest.mark.parametrize("path", FILES)
def test_what_a_bench_imports_exists(path: Path) -> None:
    for tree in trees(path):
        modules = {}
        for name, dotted in imported(tree).items():
            if dotted.startswith("bench.") and not importable(dotted):
                continue
            if isinstance(found := resolved(dotted), ModuleType):
                modules[name] = found
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in modules
            ):
                assert hasattr(modules[node.value.id], node.attr), f"{node.value.id}.{node.attr}"
            if isinstance(node, ast.Constant) and re.fullmatch(r"throughway(\.\w+)+", str(node.value)):
                assert resolved(node.value)


def importable(dotted: str) -> bool:
    """Whether the packages that a bench needs are installed; those of the groups bench and bench-linking may not be."""
    path = BENCH / f"{dotted.split('.')[1]}.py"
    names = {n.module if isinstance(n, ast.ImportFrom) else n.names[0].name
             for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.Import | ast.ImportFrom)}  # fmt: skip
    return all(
        importable(name) if name.startswith("bench.") else find_spec(name.split(".")[0]) is not None
        for name in names
        if name and name != "bench"
    )


@pytest.mark.parametrize("path", FILES)
def test_every_bench_can_be_imported(path: Path) -> None:
    if path.stem in ("__main__", "__init__"):
        pytest.skip("not a measurement")
    if not importable(f"bench.{path.stem}"):
        pytest.skip("packages of the group bench-linking are not installed")
    importlib.import_module(f"bench.{path.stem}")


def functions(module: str) -> set[str]:
    """Functions and methods, as `name` and `Class.name`."""
    found = set()
    for node in ast.parse((SOURCE / module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)
            }
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return found


def test_mutants_are_made_of_functions_that_exist() -> None:
    assert [module for module in MODULES if not (SOURCE / module).is_file()] == []
    names = {name.rpartition(".")[2] for module in MODULES for name in functions(module)}
    assert (PRINTING | KEPT_FIRST) - names == set()
    places = {f"{module}, {name}" for module in MODULES for name in functions(module)}
    assert [entry for entry in EQUIVALENT if entry.partition(":")[0] not in places] == []


def test_mutants_are_judged_by_tests_that_exist() -> None:
    root = SOURCE.parents[1]
    assert [path for path in TESTS if not (root / path).is_file()] == []

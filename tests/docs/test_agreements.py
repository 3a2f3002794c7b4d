"""The page on agreements names every field, every rule with its citation, every basis and every state."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

import throughway.agreements
from throughway.agreements import parts
from throughway.agreements.citations import CITATIONS
from throughway.agreements.document import AgreementDocument
from throughway.agreements.lifecycle import TRANSITIONS, State
from throughway.agreements.transforms import ORDER
from throughway.agreements.words import Basis, Reach

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "agreements.md").read_text(encoding="utf-8")
ROOM = Path(str(throughway.agreements.__file__)).parent
ROW = re.compile(r"^\| ([A-Z][A-Za-z0-9-]*[0-9n]|FPART|FUSA) \| ([^|]+) \|", re.MULTILINE)

# How a rule is written down in the source: the position of its citation among the arguments, the first being its id.
WRITTEN = {"blocking": 2, "warning": 2, "advice": 2, "Clause": 2, "Detail": 2, "Demand": 2, "Finding": 3}
EDGES = {"actions", "models", "reading", "apps"}


def rules() -> dict[str, set[str]]:
    """Every rule id that the source can give, with its citations."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in [*ROOM.glob("*.py"), *(ROOM / "review").glob("*.py")]:
        if path.stem in EDGES:
            continue
        steps = path.relative_to(ROOM).with_suffix("").parts
        module = importlib.import_module(
            ".".join(("throughway.agreements", *(s for s in steps if s != "__init__")))
        )
        for id, citation in _written(ast.parse(path.read_text(encoding="utf-8"))):
            found[id].add(eval(compile(ast.Expression(citation), path.name, "eval"), vars(module)))  # noqa: S307
    return found


def _written(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in WRITTEN
            and node.args
        ):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, node.args[WRITTEN[node.func.id]]


def fields(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_the_table_has_every_rule_and_no_other() -> None:
    assert {id for id, _ in ROW.findall(PAGE)} == set(rules())


def test_each_rule_is_cited_as_the_review_cites_it() -> None:
    known = rules()
    for id, citation in ROW.findall(PAGE):
        assert citation in known[id], id


@pytest.mark.parametrize(
    "model",
    [
        AgreementDocument,
        *(
            p
            for p in vars(parts).values()
            if isinstance(p, type) and issubclass(p, parts.Part) and p is not parts.Part
        ),
    ],
)
def test_every_field_is_on_the_page(model: type[BaseModel]) -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE)) | set(re.findall(r"[{,] ?([a-z_]+):", PAGE))
    assert fields(model) - named == set()


def test_every_word_of_the_closed_lists_is_on_the_page() -> None:
    for basis in Basis:
        assert f"| `{basis}` | " in PAGE
    for word in (*Reach, *(name for name in ORDER if name != "band"), "band:N"):
        assert f"`{word}`" in PAGE
    for basis, citation in CITATIONS.items():
        if citation.startswith(("34", "20")):
            assert f"| `{basis}` | {citation}" in PAGE


def test_every_state_says_what_may_happen_next() -> None:
    for state in State:
        row = re.search(rf"^\| `{state}` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
        assert row, state
        acts = {act for at, act in TRANSITIONS if at is state}
        for act in ("sign", "activate", "suspend", "resume", "terminate"):
            assert bool(re.search(rf"\b{act}s?\b", row[1])) == (act in acts), (state, act)

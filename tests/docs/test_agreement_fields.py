"""The table of what holds each field of an agreement: complete against the document, and honest about what is words for people."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

import throughway
from throughway.agreements.changes.fields import FIELDS as TYPES
from throughway.agreements.changes.fields import Kind
from throughway.agreements.document import AgreementDocument
from throughway.agreements.faults import model_in
from throughway.agreements.review.details import OPTIONAL, REQUIRED
from throughway.agreements.words_for_people import HELD_DETAILS, WORDS

ROOT = Path(__file__).resolve().parents[2]
HOUSE = Path(str(throughway.__file__)).parent
PAGE = (ROOT / "docs" / "agreement-fields.md").read_text(encoding="utf-8")
FIELDS, DETAILS = PAGE.split("## What a basis rests on")
PEOPLE = "words for people"


def paths(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """Every field of the document that is no section itself, such as `parties[].signatory.title`."""
    for name, field in model.model_fields.items():
        path, inner = f"{at}{field.alias or name}", model_in(field.annotation)
        many = "[]" if "tuple" in str(field.annotation) else ""
        if inner is None:
            yield path
        else:
            yield from paths(inner, f"{path}{many}.")


def rows(text: str) -> list[tuple[str, ...]]:
    """(field, what holds it, what happens, test) of each line of the tables."""
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    return [(field.strip("`"), *rest) for field, *rest in lines]


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_field_stands_in_the_table_once() -> None:
    assert sorted(field for field, *_ in rows(FIELDS)) == sorted(paths(AgreementDocument))


def test_every_field_has_a_type_from_which_a_form_can_be_made() -> None:
    """Clauses and the details of a right bear names of their own, and are text (`field_at`)."""
    sections = {field for field, typed in TYPES.items() if typed.kind is Kind.SECTION}
    named = {
        field for field in paths(AgreementDocument) if not re.match(r"clauses\.|.*\.basis_details$", field)
    }
    assert set(TYPES) - sections == named


def test_what_is_words_for_people_is_marked_so_in_the_text_too() -> None:
    assert {field for field, held, *_ in rows(FIELDS) if held == PEOPLE} == WORDS


@pytest.mark.parametrize(
    ("field", "held", "what", "test"),
    [row for row in rows(PAGE) if row[1] != PEOPLE],
    ids=lambda value: value,
)
def test_what_is_held_names_its_module_and_a_test(field: str, held: str, what: str, test: str) -> None:
    assert what
    modules = re.findall(r"`([^`]+)`", held)
    assert modules
    assert all((HOUSE / module).exists() for module in modules)
    (file, name) = test.strip("`").split("::")
    assert name in functions_of(file)


def test_every_detail_of_a_basis_is_told() -> None:
    known = {key for details in REQUIRED.values() for detail in details for key in detail.keys}
    known |= {key for keys in OPTIONAL.values() for key in keys}
    held, words = DETAILS.split("Words for people are:")
    assert {field for field, *_ in rows(held)} == HELD_DETAILS
    told = set(re.findall(r"`([a-z_]+)`", words)) - {"population", "records"}
    assert told | HELD_DETAILS == known
    assert not told & HELD_DETAILS

"""The table of what holds each field of an agreement: complete against the document, and honest about what is words for people."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

import throughway
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_fields import FIELDS as TYPES
from throughway.agreements.document_fields import FieldKind
from throughway.agreements.legal_review.basis_details import OPTIONAL, REQUIRED
from throughway.agreements.unenforced_fields import HELD_DETAILS, WORDS
from throughway.core.model_faults import model_in

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
def defined_in(file: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Each function and table of a file by name: its text, decorators too, and the names that it uses."""
    text = (ROOT / file).read_text(encoding="utf-8")
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.FunctionDef(name=name):
                parts: list[ast.AST] = [*node.decorator_list, node]
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                parts = [node]
            case _:
                continue
        told, used = found.get(name, ("", frozenset()))  # classes may have fixtures of one name
        said = [ast.get_source_segment(text, part) or "" for part in parts]
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        names |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}  # fixtures
        found[name] = ("\n".join([told, *said]), used | names)
    return found


def text_of(file: str, test: str) -> str:
    """A test with what it uses of its own file: helpers, fixtures and tables of cases."""
    known, texts, asked = defined_in(file), {}, [test]
    while asked:
        name = asked.pop()
        if name in known and name not in texts:
            texts[name], used = known[name]
            asked += used
    return "\n".join(texts.values())


def test_every_field_is_in_the_table_once() -> None:
    assert sorted(field for field, *_ in rows(FIELDS)) == sorted(paths(AgreementDocument))


def test_every_field_has_a_form_type() -> None:
    """Clauses and the details of a right bear names of their own, and are text (`field_at`)."""
    sections = {field for field, typed in TYPES.items() if typed.kind is FieldKind.SECTION}
    named = {
        field for field in paths(AgreementDocument) if not re.match(r"clauses\.|.*\.basis_details$", field)
    }
    assert set(TYPES) - sections == named


def test_words_for_people_are_marked_in_the_text() -> None:
    assert {field for field, held, *_ in rows(FIELDS) if held == PEOPLE} == WORDS


@pytest.mark.parametrize(
    ("field", "held", "what", "test"),
    [row for row in rows(PAGE) if row[1] != PEOPLE],
    ids=lambda value: value,
)
def test_enforced_fields_name_module_and_test(field: str, held: str, what: str, test: str) -> None:
    assert what
    modules = re.findall(r"`([^`]+)`", held)
    assert modules
    assert all((HOUSE / module).exists() for module in modules)
    (file, name) = test.strip("`").split("::")
    assert name.startswith("test_")
    assert re.search(rf"\b{field.split('.')[-1].removesuffix('[]')}\b", text_of(file, name))


def test_every_basis_detail_is_on_the_page() -> None:
    known = {key for details in REQUIRED.values() for detail in details for key in detail.keys}
    known |= {key for keys in OPTIONAL.values() for key in keys}
    held, words = DETAILS.split("Words for people are:")
    assert {field for field, *_ in rows(held)} == HELD_DETAILS
    told = set(re.findall(r"`([a-z_]+)`", words)) - {"population", "records"}
    assert told | HELD_DETAILS == known
    assert not told & HELD_DETAILS

"""The page on agreements names every field, every basis and every state."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from throughway.agreements import document_sections
from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, Reach
from throughway.agreements.labels import CITATIONS
from throughway.agreements.states import TRANSITIONS, AgreementState
from throughway.agreements.transforms import ORDER

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "agreements.md").read_text(encoding="utf-8")


def fields(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize(
    "model",
    [
        AgreementDocument,
        *(
            p
            for p in vars(document_sections).values()
            if isinstance(p, type)
            and issubclass(p, document_sections.DocumentSection)
            and p is not document_sections.DocumentSection
        ),
    ],
)
def test_every_field_is_on_the_page(model: type[BaseModel]) -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE)) | set(re.findall(r"[{,] ?([a-z_]+):", PAGE))
    assert fields(model) - named == set()


def test_every_choice_is_on_the_page() -> None:
    for basis in Basis:
        assert f"| `{basis}` | " in PAGE
    for word in (*Reach, *(name for name in ORDER if name != "band"), "band:N"):
        assert f"`{word}`" in PAGE
    for basis, citation in CITATIONS.items():
        if citation.startswith(("34", "20")):
            assert f"| `{basis}` | {citation}" in PAGE


def test_every_state_says_what_may_happen_next() -> None:
    for state in AgreementState:
        row = re.search(rf"^\| `{state}` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
        assert row, state
        acts = {act for at, act in TRANSITIONS if at is state}
        for act in ("sign", "activate", "suspend", "resume", "terminate"):
            assert bool(re.search(rf"\b{act}s?\b", row[1])) == (act in acts), (state, act)

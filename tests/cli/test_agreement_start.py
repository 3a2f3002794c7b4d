"""An agreement begun on the command line: what a lawyer gets, what is refused, and that the file reviews."""

from datetime import datetime
from typing import Any

import pytest

from tests.agreements.documents import STUDY, text_of
from tests.drafting.drafts import settle
from tests.kept import kept
from throughway.agreements import actions
from throughway.agreements.selectors import reviewed
from throughway.cli.agreement import agreement
from throughway.cli.agreement_start import start, templates
from throughway.cli.command import Settings
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR
from throughway.store import Community

pytestmark = pytest.mark.django_db

GIVEN: dict[str, Any] = {
    "template": "consent", "parties": ("riverbend-schools:school", "bright-futures:program"), "id": "new", "title": "Chess",
    "effective": datetime(2026, 7, 1), "expires": None, "answers": ("enrollment_form=Form 3",), "under": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
@kept
def house(community: Community) -> None:
    settle()


def begun(**more: Any) -> str:
    text: str = start(Settings(), **{**GIVEN, **more}).document["text"]
    return text


def test_started_text_lists_open_answers() -> None:
    assert {f.element for f in reviewed(begun()) if f.blocks} == {
        "parties[0].signatory.authority", "parties[1].signatory.authority", "terms.expires",
    }  # fmt: skip


def test_license_starts_under_its_agreement() -> None:
    actions.add(text=text_of(STUDY), by=OPERATOR)
    parties = ("riverbend-schools:discloser", "reading-lab:recipient")
    text = begun(template="dul", parties=parties, answers=("method=Compare",), under="reading-study")
    assert "under: [reading-study]" in text
    assert "id: study-reading" in text


@pytest.mark.parametrize(("more", "code"), [
    ({"parties": ("riverbend-schools:nowhere",)}, "unknown_part"), ({"parties": ("riverbend-schools",)}, "bad_option"),
    ({"answers": ("seats=3",)}, "unknown_question"), ({"answers": ("seats",)}, "bad_option"),
    ({"under": "nowhere"}, "unknown_agreement"), ({"template": "nda"}, "unknown_template"),
])  # fmt: skip
def test_what_is_not_known_is_refused(more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        begun(**more)
    assert refused.value.code == code


def test_templates_list_parts_and_questions() -> None:
    found = {each["id"]: each for each in templates(Settings()).document["templates"]}
    assert [part["id"] for part in found["consent"]["parts"]] == ["school", "program", "keeper"]
    assert [question["id"] for question in found["consent"]["questions"]] == ["notice", "enrollment_form"]
    assert {"templates", "start"} <= agreement.commands.keys()

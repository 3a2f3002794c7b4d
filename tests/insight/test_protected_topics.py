"""Answers on a topic of 20 USC 1232h(b), by what each family signed and when, through the gate: who is counted, and what is refused."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.gate import making
from throughway.consent import actions as consents
from throughway.consent.selectors.decisions import consents as decisions
from throughway.consent.selectors.decisions import in_force
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.insight.experiences.actions import experiences_draft
from throughway.insight.experiences.protected_topics import NO_CONSENT, NOT_NAMED, TOPICS
from throughway.partners import OPERATOR
from throughway.store import Community

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date.today()
SAID = TODAY - timedelta(30)
READER = "evaluator@hub.example"
SUBJECT = TOPICS["mental_or_psychological_problems"]
# What a family signed, days ago (a yes also with its last day, days ago), whether the student answered, and what the student counts as.
YES, NO, BACK = "yes", "no", "withdrawn"
FAMILIES: list[tuple[str, list[tuple[Any, ...]], int | None, str]] = [
    ("before the answer", [(YES, 60)], 5, "favorable"),
    ("on the day of the answer", [(YES, 30)], 2, "other"),
    ("before, and no answer", [(YES, 60)], None, "none"),
    ("the day after the answer", [(YES, 29)], 5, "no consent"),
    ("before, and taken back since", [(YES, 60), (BACK, 10)], 5, "no consent"),
    ("before, and run out by then", [(YES, 60, 40)], 5, "no consent"),
    ("before, and run out since", [(YES, 60, 5)], 5, "no consent"),
    ("taken back by then, and given again since", [(YES, 60), (BACK, 45), (YES, 20)], 5, "no consent"),
    ("a no", [(NO, 60)], 5, "no consent"),
    ("a no of one parent, a yes of the other", [(YES, 60), (NO, 50, None, "Lee", "father")], 5, "no consent"),
    ("nothing", [], 5, "no consent"),
]
LINE = 'throughway: trends/1\nsurveys:\n  - {{survey: Feelings, favorable: 4, partner: north, grades: ["07"]{}}}\n'


def answer(
    record: int, number: float, topic: str | None = "mental_or_psychological_problems", **more: Any
) -> dict[str, Any]:
    return {"person_record": record, "survey_identifier": "Feelings, fall", "survey_question_code": "W1", "survey_construct": "wellbeing",
            "response_number": number, "response_date": SAID, "respondent_type": "student", "ppra_protected_topic": topic, **more}  # fmt: skip


@pytest.fixture
def town(community: Community, tmp_path: Path) -> Community:
    making.register()
    plain = making.sharing()
    plain["purposes"].append(
        making.purpose("reading", "evaluation", "pseudonymous", **{"from": ["north"]}, recipients=["hub"])
    )
    for each in (each for each in plain["purposes"] if each["kind"] == "linkage"):
        each["serves"] = [*each["serves"], "reading"]
    of_north = {"from": ["north"]}
    plain["schedule"] += [
        making.line("survey_response.*", "reading", "counting", **of_north),
        making.line("school_enrollment.*", "counting", **of_north),
    ]
    making.in_effect(plain)
    asked = making.sharing() | {
        "id": "feelings-2026",
        "parties": [making.party("north", "discloser"), making.party("hub", "steward", "recipient")],
        "purposes": [making.purpose("counting", "reporting", "aggregate", **of_north, recipients=["hub"], basis="consent", basis_details={})],
        "schedule": [making.line(f"survey_response.{name}", "counting") for name in answer(0, 0) if name != "person_record"],
    }  # fmt: skip
    making.in_effect(asked)
    making.people()
    records = range(100, 100 + len(FAMILIES))
    making.land("record_key", "north", [{"kind": "person", "key": f"w-{r}", "record": r} for r in records], "sharing-2026", year=2025)  # fmt: skip
    making.land("school_enrollment", "north", [
        {"person_record": r, "record": r, "enrollment_entry_date": TODAY - timedelta(90), "entry_grade_level": "07", "organization_id": "north/1"}
        for r in records
    ])  # fmt: skip
    given = [answer(r, value) for r, (_, _, value, _) in zip(records, FAMILIES, strict=True) if value]
    given += [answer(r, 3, topic=None, survey_identifier="Other, fall", survey_question_code="C1") for r in records]  # fmt: skip
    making.land("survey_response", "north", [{**row, "record": 10_000 + n} for n, row in enumerate(given)])
    lines = ["partner,record_key,agreement,purpose,decision,signer,relation,signed_on,method,language,notice_version,expires"]  # fmt: skip
    for record, (_, signed, _, _) in zip(records, FAMILIES, strict=True):
        for decision, ago, *more in signed:
            expires, signer, relation = (*more, *(None, "Pat", "mother")[len(more) :])
            last = TODAY - timedelta(expires) if expires else ""
            lines.append(f"north,w-{record},feelings-2026,counting,{decision},{signer},{relation},{TODAY - timedelta(ago)},paper,en,v1,{last}")  # fmt: skip
    (tmp_path / "consents.csv").write_text("\n".join(lines))
    consents.add(path=tmp_path / "consents.csv", by=OPERATOR)
    return community


def counted(
    town: Community, line: str
) -> tuple[dict[str, int], dict[str, tuple[int, int]], list[tuple[str, str]]]:
    """The true counts and shares of the protected subject, and what is absent."""
    town.trends.write_text(LINE.format(line), encoding="utf-8")
    draft = experiences_draft(enter(actor=making.reader(READER), purpose="counting"))
    cells = [c for t in draft.counted.tables for c in t.cells if c.at["construct"] == SUBJECT]
    _, body = draft.protected()
    return (
        {c.at.get("answer", "asked"): c.count for c in cells if c.statistic == "students"},
        {c.at["share"]: (c.numerator, c.denominator) for c in cells if c.statistic == "rate"},
        list(body.absent),
    )


def test_who_is_counted_follows_what_each_family_signed_and_when(town: Community) -> None:
    counts, shares, absent = counted(town, ", consent: feelings-2026")
    expected = {
        kind: sum(k == kind for *_, k in FAMILIES) for kind in ("favorable", "other", "none", "no consent")
    }
    assert counts == {"asked": len(FAMILIES), **expected}
    assert shares == {"answered": (2, 3), "favorable": (1, 2), "consented": (3, len(FAMILIES))}
    assert not any(SUBJECT in what for what, _ in absent)


@pytest.mark.parametrize(
    ("line", "why"),
    [("", NOT_NAMED), (", consent: sharing-2026", NO_CONSENT.format("sharing-2026"))],
)
def test_without_a_consent_that_is_named_the_topic_is_refused_by_name(
    town: Community, line: str, why: str
) -> None:
    town.trends.write_text(LINE.format(line), encoding="utf-8")
    with pytest.raises(Refused, match="nothing is published") as refused:
        experiences_draft(enter(actor=making.reader(READER), purpose="counting"))
    assert f"Feelings: {SUBJECT}: {why}" in refused.value.message


def test_a_rule_of_the_survey_and_not_of_one_student_says_why_nothing_is_counted(town: Community) -> None:
    for each in consents_of("feelings-2026"):
        consents.withdraw(id=each, by=OPERATOR)
    town.trends.write_text(LINE.format(", consent: feelings-2026"), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        experiences_draft(enter(actor=making.reader(READER), purpose="counting"))
    assert "does not mean that nobody answered" in refused.value.message


def consents_of(agreement: str) -> list[str]:
    held = [each for each in decisions() if each.agreement == agreement]
    return [each.id for each in held if each.id in in_force(held, TODAY)]


def test_an_agreement_that_lists_the_answers_without_the_mark_shows_none_on_the_topic(
    town: Community,
) -> None:
    asked = "SELECT survey_identifier, COUNT(*) FROM survey_response GROUP BY survey_identifier"
    answered = enter(actor=making.reader(READER), purpose="reading").query(asked)
    assert [*map(list, answered.rows)] == [["Other, fall", len(FAMILIES)]]

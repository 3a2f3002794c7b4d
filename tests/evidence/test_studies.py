"""A registered study from its text to its release: what does not open, what the ledger lists, what is protected, and what is said of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from django.conf import settings
from django.db import connection

from tests.gate import making
from tests.gate.making import OWN_PROMISE, land, line, purpose
from tests.kept import kept
from tests.site.people import signed_in
from throughway.core.refusals import Refused
from throughway.evidence.actions.previews import preview_what_works
from throughway.evidence.actions.runs import STUDY_RUN
from throughway.evidence.actions.studies import register_study, report_what_works, run_study
from throughway.evidence.models import RegisteredStudy, StudyFinding
from throughway.evidence.registered_study import parsed_document
from throughway.evidence.selectors import finding, studies, study
from throughway.evidence.triggers import STUDIES
from throughway.evidence.verdict import Verdict
from throughway.gate.actions import enter, land_person_links
from throughway.governance.models import GovernanceBody, LoggedDecision
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners.asked_work.actions import carry_out
from throughway.partners.models import AskedWork
from throughway.publication.models import Release
from throughway.publication.release_document import digest
from throughway.publication.report_files import notes as report_notes
from throughway.publication.selectors import published, releases, verification
from throughway.publication.triggers import RELEASES
from throughway.publication.verify_release import verify
from throughway.store.settings_file import SmallestEffectSettings

pytestmark = pytest.mark.django_db(transaction=True)
YEARS = (2025, 2026)
STUDENTS, FIRST, EFFECT = 400, 1_000, 1.2


def sharing(**changes: Any) -> dict[str, Any]:
    """North's readers and harbor's tutoring, for studies of the hub."""
    north, harbor = {"from": ["north"]}, {"from": ["harbor"]}
    studying = {"basis": "audit_evaluation", "basis_details": {
        "representative": "hub", "program": "Title I reading", "program_owner": "north", "activity": "Compares coded records in the system"}}  # fmt: skip
    document = making.sharing(
        purposes=[
            purpose("studies", "evaluation", "aggregate", **north, recipients=["hub"], **studying),
            purpose("studies", "evaluation", "aggregate", **harbor, recipients=["hub"], **OWN_PROMISE),
            purpose("counting", "reporting", "aggregate", **north, recipients=["hub"], **studying),
            purpose("rows", "evaluation", "pseudonymous", **north, recipients=["hub"], **studying),
            purpose("matching", "linkage", "identified", **north, recipients=["hub"], serves=["studies"]),
            purpose(
                "matching",
                "linkage",
                "identified",
                **harbor,
                recipients=["hub"],
                serves=["studies"],
                **OWN_PROMISE,
            ),
        ],
        schedule=[
            line("school_enrollment.*", "studies", "counting", **north),
            line("assessment_result.*", "studies", "rows", **north),
            line("person.sex", "studies", **north),
            line("program_participation.*", "studies", **harbor),
            line("person.*", "matching"),
        ],
    )
    return document | changes


def document(**changes: Any) -> Any:
    given = {
        "throughway": "study/1", "title": "Does tutoring raise reading?", "program": "harbor/tutoring", "purpose": "studies",
        "outcome": "reading", "who": {"grades": ["03"]}, "school_years": [*YEARS], "design": "matched", "covariates": ["sex"],
        "baseline": "reading_before", "subgroups": ["sex"],
    }  # fmt: skip
    return parsed_document({k: v for k, v in {**given, **changes}.items() if v is not None})


def council(result: str = "passed", *, body: str = "council", on: date | None = None) -> int:
    """The number of a decision of the community's council."""
    GovernanceBody.objects.get_or_create(
        id="council", defaults={"name": "Council", "kind": "council", "rule": "majority", "quorum": 1}
    )
    GovernanceBody.objects.get_or_create(
        id="board",
        defaults={"name": "Board", "kind": "board", "rule": "majority", "quorum": 1, "partner": "harbor"},
    )
    return LoggedDecision.objects.create(
        day=on or date.today(), body=body, body_name="Council", kind="other", title="Look again", result=result, reason="We ask.",
        at=datetime.now(UTC), by="chair@hub.example",
    ).pk  # fmt: skip


def lives() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores before and after, and who is tutored."""
    rng = np.random.default_rng(7)
    before = rng.normal(size=STUDENTS)
    tutored = np.argsort(before + rng.normal(size=STUDENTS))[:120]
    after = before + 0.5 * rng.normal(size=STUDENTS)
    after[tutored] += EFFECT
    return before, after, tutored


@kept
def town(community: object) -> None:
    """400 third graders in two school years; harbor tutors 120 of them, who began weaker, and adds much to their score."""
    making.register()
    making.in_effect(sharing())
    before, after, tutored = lives()
    numbers = np.arange(FIRST, FIRST + STUDENTS)
    year_of = np.where(np.arange(STUDENTS) % 2, *YEARS)
    land("person", "north", [
        {"person_record": int(n), "sex": ("Female", "Male")[int(n) % 2], "source_record_id": f"n-{n}"} for n in numbers
    ], "sharing-2026")  # fmt: skip
    land(
        "record_key",
        "north",
        [{"kind": "person", "key": f"n-{n}", "record": int(n)} for n in numbers],
        "sharing-2026",
    )
    land(
        "record_key",
        "harbor",
        [{"kind": "person", "key": f"h-{n}", "record": int(numbers[n] + 5_000)} for n in tutored],
        "sharing-2026",
    )
    land("school_enrollment", "north", [
        {"person_record": int(n), "record": int(n), "organization_id": f"north/s{n % 3}", "school_year": str(y), "entry_grade_level": "03",
         "enrollment_entry_date": date(int(y) - 1, 8, 25)}
        for n, y in zip(numbers, year_of, strict=True)
    ])  # fmt: skip
    tests = [
        (n, y - 1, "02", b, date(int(y) - 1, 5, 10), 0)
        for n, y, b in zip(numbers, year_of, before, strict=True)
    ]
    tests += [
        (n, y, "03", a, date(int(y), 4, 22), 9_000) for n, y, a in zip(numbers, year_of, after, strict=True)
    ]
    land("assessment_result", "north", [
        {"person_record": int(n), "record": int(n) + extra, "assessment_identifier": f"READ-{grade}", "assessment_academic_subject": "13373",
         "assessment_administration_start_date": day, "grade_level_when_assessed": grade,
         "assessment_result_score_value": f"{300 + 40 * value:.0f}"}
        for n, y, grade, value, day, extra in tests
    ])  # fmt: skip
    land("program_participation", "harbor", [
        {"person_record": int(numbers[n]) + 5_000, "record": int(n), "program_identifier": "harbor/tutoring",
         "program_participation_start_date": date(int(year_of[n]) - 1, 10, 6) + timedelta(days=int(n) % 10),
         "program_participation_exit_date": date(int(year_of[n]), 3, 1), "program_participation_status": "Exited"}
        for n in tutored
    ])  # fmt: skip
    linked(*((int(n), n in set(tutored)) for n in range(STUDENTS)))


def linked(*students: tuple[int, bool]) -> None:
    """Links the records of these students, by number from `FIRST` on; and whether harbor has one too."""
    numbers = [FIRST + n for n, _ in students]
    both = [FIRST + n for n, tutored in students if tutored]
    links = {"record": [*numbers, *(n + 5_000 for n in both)], "person": [*numbers, *both]}
    land_person_links(links=pa.table(links), by=OPERATOR)


@pytest.fixture
def evaluator(community: object) -> Any:
    town(community)
    return making.reader("evaluator@hub.example")


def test_a_study_is_published_and_its_figures_are_recounted(evaluator: Any) -> None:
    made = report_what_works(actor=evaluator, purpose="studies", document=document())
    (told,) = made["studies"]
    assert (told["verdict"], told["causal"]) == ("did better than look-alikes", False)
    effect = told["finding"]["effect"]
    _, after, _ = lives()
    assert effect["low"] <= EFFECT / after.std() <= effect["high"]
    assert effect["low"] > 0
    shown = {tuple(sorted(c["at"].items())): c["shown"] for t in told["tables"] for c in t["cells"]}
    # Recounted from what was landed: everybody has both scores, and nobody is beyond the overlap or a handful are.
    participants, comparison, left = (
        shown[(("group", name),)] for name in ("participants compared", "comparison students", "left out")
    )
    assert participants <= 120
    assert comparison <= STUDENTS - 120
    assert left is None or isinstance(left, str) or participants + comparison + left == STUDENTS
    assert verify([releases_document(told["release"], evaluator)])["problems"] == []


@pytest.mark.parametrize("where", ["table", "table and digest", "finding"])
def test_an_effect_that_was_multiplied_by_ten_is_noticed(evaluator: Any, where: str) -> None:
    """In the release's table, there with a new digest in its certificate, and in what its page prints."""
    id = report_what_works(actor=evaluator, purpose="studies", document=document())["release"]
    assert verification(id, evaluator)["problems"] == []
    row = Release.objects.get(pk=id)
    if where == "finding":
        effect = row.about["finding"]["effect"]
        effect.update({figure: 10 * effect[figure] for figure in ("estimate", "low", "high")})
        expected = "tells another figure than the release shows for all students, estimate"
    else:
        for cell in row.tables[-1]["cells"]:
            cell["shown"] = f"{10 * float(cell['shown']):+.2f}"
        expected = "is not the one that was certified"
    RELEASES.drop(connection)
    row.save()
    if where == "table and digest":
        row.certificate["releases"][0]["sha256"] = digest(published(id, evaluator).document)
        row.save()
        expected = "The ledger has no entry"
    RELEASES.put(connection)
    found = verification(id, evaluator)
    assert not found["ok"]
    assert any(expected in problem for problem in found["problems"]), found["problems"]


def releases_document(id: str, reader: Any) -> Any:
    from throughway.publication.selectors import release

    return release(id, reader)


def test_the_ledger_lists_everybody_and_no_row_left(evaluator: Any) -> None:
    register_study(document=document(), by=evaluator)
    made = run_study(id=studies()[0].id, by=evaluator)
    read = LedgerEntry.objects.filter(id__in=made["disclosures"])
    assert max(entry.students_count for entry in read) >= STUDENTS
    assert {entry.way.split("/")[-1] for entry in read} == {"report"}
    with pytest.raises(Refused, match="protected figures, never rows"):
        enter(actor=evaluator, purpose="studies").query("SELECT person_id FROM school_enrollment")


def test_the_program_sees_it_first_for_fourteen_days(evaluator: Any) -> None:
    made = report_what_works(actor=evaluator, purpose="studies", document=document())
    (told,) = made["studies"]
    assert told["state"] == "waiting"
    assert date.fromisoformat(told["public_on"]) >= date.today() + timedelta(days=14)
    row = StudyFinding.objects.get()
    assert row.reply_until == date.today() + timedelta(days=14)
    assert (
        finding(told["release"], making.reader("officer@harbor.example")).verdict
        == "did better than look-alikes"
    )


def test_one_text_is_registered_once_and_measured_once(evaluator: Any) -> None:
    first = register_study(document=document(), by=evaluator)
    assert register_study(document=document(), by=evaluator).id == first.id
    other = register_study(document=document(covariates=["sex", "grade"]), by=evaluator, decision=council())
    assert study(other.id).others == (first.id,)
    assert (study(first.id).first, study(other.id).first) == (True, False)
    run_study(id=first.id, by=evaluator)
    with pytest.raises(Refused, match="has its finding"):
        run_study(id=first.id, by=evaluator)


def extra_student(number: int, *, begins: date) -> None:
    """One more third grader of the newest school year, whom harbor tutors from that day on."""
    year = YEARS[-1]
    land(
        "person",
        "north",
        [{"person_record": number, "sex": "Female", "source_record_id": f"n-{number}"}],
        "sharing-2026",
    )
    land("record_key", "north", [{"kind": "person", "key": f"n-{number}", "record": number}], "sharing-2026")
    land(
        "record_key",
        "harbor",
        [{"kind": "person", "key": f"h-{number}", "record": number + 5_000}],
        "sharing-2026",
    )
    land("school_enrollment", "north", [
        {"person_record": number, "record": number, "organization_id": "north/s1", "school_year": str(year), "entry_grade_level": "03",
         "enrollment_entry_date": date(year - 1, 8, 25)}
    ])  # fmt: skip
    land("assessment_result", "north", [
        {"person_record": number, "record": number + extra, "assessment_identifier": f"READ-{grade}", "assessment_academic_subject": "13373",
         "assessment_administration_start_date": day, "grade_level_when_assessed": grade, "assessment_result_score_value": "300"}
        for grade, day, extra in (("02", date(year - 1, 5, 10), 0), ("03", date(year, 4, 22), 9_000))
    ])  # fmt: skip
    land("program_participation", "harbor", [
        {"person_record": number + 5_000, "record": number, "program_identifier": "harbor/tutoring",
         "program_participation_start_date": begins, "program_participation_exit_date": date(year, 3, 1),
         "program_participation_status": "Exited"}
    ])  # fmt: skip
    tutored = set(lives()[2])
    linked(*((n, n in tutored) for n in range(STUDENTS)), (number - FIRST, True))


def test_two_findings_that_differ_in_one_student_are_not_both_shown(evaluator: Any) -> None:
    """One student began sixty days late: a participant where so long a wait counts, and else a comparison student."""
    extra_student(FIRST + 900, begins=date(YEARS[-1] - 1, 12, 6))
    early = report_what_works(
        actor=evaluator, purpose="studies", document=document(joins_within_days=30, subgroups=None)
    )
    first = early["studies"][0]["finding"]
    assert first["effect"]["estimate"] is not None
    # Whom matching leaves out hangs on the last digits of a linear algebra library, and with it whether any count may stand beside the first.
    try:
        late = report_what_works(
            actor=evaluator,
            purpose="studies",
            document=document(joins_within_days=70, subgroups=None),
            decision=council(),
        )
    except Refused as refused:
        said = refused.code, early["release"] in refused.message
    else:
        said = "covered", True
        second = late["studies"][0]["finding"]
        assert second["effect"]["estimate"] is None
        assert (
            f"together with release {early['release']} it would tell of fewer than" in second["effect"]["why"]
        )
        assert (first["verdict"], second["verdict"]) == ("did better than look-alikes", "not enough evidence")
        assert "balance" not in second
        assert signed_in(evaluator).get(f"/studies/finding/{late['release']}/").status_code == 200
    assert said == ("covered", True)
    # The same students under another specification: shown, and more coarsely.
    again = report_what_works(
        actor=evaluator,
        purpose="studies",
        document=document(title="Does tutoring help?", subgroups=None),
        decision=council(),
    )
    third = again["studies"][0]["finding"]["effect"]
    assert third["estimate"] is not None, third
    assert third["step"] >= 2 * first["effect"]["step"]


def math_before(apart: float) -> None:
    """Mathematics scores of the spring before. `apart`: by how much those who are tutored are better at it than their reading says."""
    before, _, tutored = lives()
    rng = np.random.default_rng(11)
    scores = 0.6 * before + rng.normal(size=STUDENTS)
    scores[tutored] += apart
    land("assessment_result", "north", [
        {"person_record": FIRST + n, "record": FIRST + n + 20_000, "assessment_identifier": "MATH-02", "assessment_academic_subject": "01166",
         "assessment_administration_start_date": date(YEARS[n % 2] - 1, 5, 12), "grade_level_when_assessed": "02",
         "assessment_result_score_value": f"{300 + 40 * score:.0f}"}
        for n, score in enumerate(scores)
    ])  # fmt: skip


def test_a_placebo_stands_beside_the_finding_and_caps_it_where_it_moves(evaluator: Any) -> None:
    math_before(0)
    made = report_what_works(actor=evaluator, purpose="studies", document=document(placebo=["math_before"]))
    (told,) = made["studies"]
    (placebo,) = told["finding"]["placebos"]
    assert (told["verdict"], placebo["moved"], placebo["name"]) == (
        "did better than look-alikes",
        False,
        "Mathematics score before",
    )
    assert placebo["low"] < 0 < placebo["high"]
    cells = {
        (c["at"]["subgroup"], c["at"]["figure"]): c["shown"]
        for t in told["tables"]
        for c in t["cells"]
        if c["statistic"] == "effect"
    }
    assert float(cells["check: Mathematics score before", "estimate"]) == placebo["estimate"]
    page = signed_in(evaluator).get(f"/studies/finding/{made['release']}/").content.decode()
    assert "A check that should find nothing" in page
    assert "It did not move, as far as the interval tells." in page


def test_a_placebo_that_moved(evaluator: Any) -> None:
    math_before(1)
    made = report_what_works(actor=evaluator, purpose="studies", document=document(placebo=["math_before"]))
    (told,) = made["studies"]
    assert told["verdict"] == "not enough evidence"
    assert told["finding"]["placebos"][0]["low"] > 0
    assert "the placebo “Mathematics score before” moved" in told["finding"]["reason"]
    page = signed_in(evaluator).get(f"/studies/finding/{made['release']}/").content.decode()
    assert "It moved, so the groups differ in something that the study does not know" in page


def test_many_findings_on_one_program_and_domain_allow_for_their_number(evaluator: Any) -> None:
    first = report_what_works(actor=evaluator, purpose="studies", document=document(subgroups=None))
    site, address = signed_in(evaluator), f"/studies/finding/{first['release']}/"
    assert "It is the only finding on this program and reading here." in site.get(address).content.decode()
    mine = StudyFinding.objects.get()
    assert mine.p is not None
    assert mine.p < 1e-6
    # A study whose finding would stand alone does not where many have been looked at.
    for number in range(3):
        other = register_study(
            document=document(title=f"Another question, number {number}?"), by=evaluator, decision=council()
        )
        StudyFinding.objects.create(study_id=other.id, release=f"OTHER-{number}", verdict="not enough evidence", p=None,
                                    program_partner="harbor", reply_until=date.today(), at=mine.at, by="x")  # fmt: skip
    page = site.get(address).content.decode()
    assert "There are 4 findings on this program and reading here" in page
    assert "this one stands" in page


def test_what_the_ledger_says_of_earlier_reading_is_registered(evaluator: Any) -> None:
    assert "nobody of Hub had seen rows" in register_study(document=document(), by=evaluator).outcomes_read[0]
    enter(actor=evaluator, purpose="rows").query(
        "SELECT person_id, assessment_result_score_value FROM assessment_result"
    )
    later = register_study(
        document=document(title="Does it help?"), by=evaluator, decision=council()
    ).outcomes_read[0]
    assert "had read the outcome in one question that showed rows" in later
    assert "none of them read who takes part" in later


def test_a_preview_shows_no_figure_and_registers_nothing(evaluator: Any) -> None:
    found = preview_what_works(actor=evaluator, purpose="studies", document=document())
    assert found["shown"] > 0
    assert "estimate" not in str({k: v for k, v in found.items() if k != "tables"})
    assert all("shown" not in cell for table in found["tables"] for cell in table["cells"])
    assert not RegisteredStudy.objects.exists()
    assert releases(evaluator) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"purpose": "counting"}, "a purpose of reporting; a study needs one of evaluation or research"),
        ({"purpose": "rows"}, "has form pseudonymous"),
        ({"program": "north/club"}, "Participants: no agreement shows who takes part in programs of North"),
        ({"outcome": "on_track", "baseline": None}, "Outcome: no agreement shows"),
        (
            {"covariates": ["school"]},
            "It leaves out sex, which is in the records and which every comparison on reading adjusts for",
        ),
        (
            {"baseline": None},
            "It leaves out reading_before, which is in the records .* or name it as baseline",
        ),
        (
            {"covariates": ["sex", "reading_two_years_before"]},
            "It adjusts for reading_two_years_before, which every comparison on reading is checked by",
        ),
        ({"covariates": ["english_learner"]}, "No agreement shows what english_learner is made of"),
        ({"program": "harbor/chess"}, "No record that this purpose shows names anybody in that program"),
        ({"who": {"grades": ["05"]}}, "None of the students who took part"),
        ({"school_years": [2024]}, "Nobody began in the program in the school year 2023-24"),
        ({"school_years": [2090]}, "can be known on 2090-07-01"),
    ],
)
def test_a_study_that_does_not_open_says_what_is_missing(
    evaluator: Any, change: dict[str, Any], why: str
) -> None:
    asked = document(**change)
    with pytest.raises(Refused, match=why):
        report_what_works(actor=evaluator, purpose=asked.purpose, document=asked)
    assert releases(evaluator) == []
    assert not StudyFinding.objects.exists()


def test_fifty_texts_learn_nothing_beyond_what_is_published(evaluator: Any) -> None:
    """Whoever bisects by registering texts is answered before anything is read, always in one sentence."""
    report_what_works(actor=evaluator, purpose="studies", document=document())
    entries = LedgerEntry.objects.count()
    told = set()
    for number in range(50):
        asked = document(
            title=f"Does tutoring raise reading, asked {number} times?", joins_within_days=number
        )
        for ask in (
            lambda asked=asked: register_study(document=asked, by=evaluator),
            lambda asked=asked: preview_what_works(actor=evaluator, purpose="studies", document=asked),
            lambda asked=asked: report_what_works(actor=evaluator, purpose="studies", document=asked),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            told.add((refused.value.code, refused.value.message))
    assert [code for code, _ in told] == ["second_specification"]
    assert (RegisteredStudy.objects.count(), StudyFinding.objects.count()) == (1, 1)
    assert LedgerEntry.objects.count() == entries


def test_a_second_specification_needs_a_decision_of_the_council(evaluator: Any) -> None:
    first = register_study(document=document(), by=evaluator)
    other = document(school_years=[2026])
    for number in (council("failed"), council(body="board"), 999):
        with pytest.raises(Refused, match="no decision of the community’s council that passed"):
            register_study(document=other, by=evaluator, decision=number)
    with pytest.raises(Refused, match="is older than study"):
        register_study(document=other, by=evaluator, decision=council(on=date(2020, 1, 1)))
    opened = council()
    assert register_study(document=other, by=evaluator, decision=opened).decision == opened
    with pytest.raises(Refused, match="has opened a study already"):
        register_study(document=document(covariates=["grade"]), by=evaluator, decision=opened)
    assert register_study(document=document(), by=evaluator).id == first.id
    # Of other years, or of another outcome, it is another question.
    register_study(document=document(school_years=[2023]), by=evaluator)
    page = signed_in(evaluator).get("/studies/new/").content.decode()
    assert "The council’s decision" in page


def test_no_study_sets_the_smallest_effect(evaluator: Any, community: Any, monkeypatch: Any) -> None:
    with pytest.raises(Refused, match="A study does not name its smallest_effect"):
        register_study(document=document(smallest_effect={"value": 0.2}), by=evaluator)
    with pytest.raises(Refused, match="The title of a study is a question"):
        register_study(document=document(title="Tutoring helps"), by=evaluator)
    policy = SmallestEffectSettings(value=5.0, scale="sd", decision=council(), reason="A tenth of a year.")
    _set(monkeypatch, {"reading": policy})
    known = register_study(document=document(), by=evaluator)
    assert known.smallest == {
        "value": 5.0,
        "scale": "sd",
        "decision": policy.decision,
        "reason": policy.reason,
    }
    # What the policy says afterwards does not count.
    _set(monkeypatch, {"reading": replace(policy, value=0.01)})
    told = run_study(id=known.id, by=evaluator)["finding"]
    assert told["smallest"] > 2  # in the outcome's unit
    page = signed_in(evaluator).get(f"/studies/{known.id}/").content.decode()
    assert f"by decision {policy.decision} of the council: A tenth of a year." in page
    _set(monkeypatch, {"reading": replace(policy, decision=998)})
    with pytest.raises(Refused, match="names decision 998, which is no decision"):
        register_study(document=document(school_years=[2023]), by=evaluator)


def _set(monkeypatch: Any, policy: dict[str, SmallestEffectSettings]) -> None:
    given = replace(settings.COMMUNITY.settings, smallest_effects=policy)
    monkeypatch.setitem(settings.COMMUNITY.__dict__, "settings", given)


def test_who_may_not_register(evaluator: Any) -> None:
    for other in (OPERATOR, making.reader("worker@harbor.example")):
        with pytest.raises(Refused, match="registers a study"):
            register_study(document=document(), by=other)


def test_from_the_form_to_a_decision_on_the_site(evaluator: Any) -> None:
    """The evaluator registers and runs it; the program reads it first and replies; its officer records what was decided."""
    site = signed_in(evaluator)
    text = yaml.safe_dump(document().model_dump(mode="json", exclude_none=True))
    refused = site.post("/studies/new/", {"study": text.replace("reading_before", "math_before")})
    assert refused.status_code == 422
    assert "not in the domain of reading" in refused.content.decode()
    made = site.post("/studies/new/", {"study": text})
    (known,) = studies()
    assert made["Location"] == f"/studies/{known.id}/"
    assert "Run and publish" in site.get(f"/studies/{known.id}/").content.decode()
    site.post(f"/studies/{known.id}/run/")
    assert "is being run" in site.get(f"/studies/{known.id}/").content.decode()
    carry_out(STUDY_RUN, AskedWork.objects.get().pk)
    carry_out(STUDY_RUN, AskedWork.objects.get().pk)  # twice: one finding
    (row,) = StudyFinding.objects.all()
    program, outsider = (
        signed_in(making.reader(f"{who}.example")) for who in ("officer@harbor", "evaluator@north")
    )
    address = f"/studies/finding/{row.release}/"
    page = program.get(address).content.decode()
    assert "Participants did better than similar students. We do not know whether the program is why." in page
    assert "The program helps" not in page
    assert "A lottery among those who wait for a place would show" in page
    assert "Plan a study by lottery" in site.get(address).content.decode()
    assert (
        'value="harbor/tutoring"'
        in site.get("/studies/new/?program=harbor/tutoring&design=lottery").content.decode()
    )
    assert signed_in(making.reader("officer@north.example")).get(address).status_code == 200
    assert outsider.get("/studies/").status_code == 200
    assert (
        program.post(address, {"act": "reply", "reply": "We changed the hours in spring."}).status_code == 302
    )
    given = {"act": "decide", "text": "Keep the hours.", "met_on": str(date.today()), "owner": "worker@harbor.example", "due": str(date.today()),
             "measure_again_on": str(date.today() + timedelta(days=300))}  # fmt: skip
    assert program.post(address, given | {"due": ""}).status_code == 422
    assert program.post(address, given).status_code == 302
    page = site.get(address).content.decode()
    assert "We changed the hours in spring." in page
    assert "Keep the hours." in page
    assert "Record a decision" not in page
    assert site.post(address, given).status_code == 404


def test_a_finding_of_an_earlier_version_is_told_in_the_words_that_it_earns(evaluator: Any) -> None:
    """Its release keeps what was registered; pages and files say what its design carries."""
    made = report_what_works(actor=evaluator, purpose="studies", document=document())
    row = Release.objects.get(id=made["release"])
    old = dict(row.about["finding"]) | {
        "verdict": "helps",
        "reason": "The whole interval lies on one side of zero.",
    }
    old.pop("causal")
    STUDIES.drop(connection)  # as a folder of then holds it
    RELEASES.drop(connection)
    said = ["Verdict: helps. The whole interval lies on one side of zero."]
    Release.objects.filter(id=row.id).update(about=row.about | {"finding": old, "sentences": said})
    StudyFinding.objects.update(verdict="helps")
    STUDIES.put(connection)
    RELEASES.put(connection)
    found = finding(row.id, evaluator)
    assert found.verdict is Verdict.DID_BETTER
    told = report_notes(published(row.id, evaluator))
    assert told[0].startswith(
        "Verdict: did better than look-alikes. Participants did better than similar students."
    )
    assert "An earlier version of this software said “helps”" in told[0]
    site = signed_in(evaluator)
    for address in ("/studies/", f"/studies/{found.study.id}/", f"/studies/finding/{row.id}/"):
        page = site.get(address).content.decode()
        assert "We do not know whether the program is why" in page, address
        assert "The program helps" not in page


def test_the_fields_say_what_the_text_says(evaluator: Any) -> None:
    site = signed_in(evaluator)
    given = {"title": "Does tutoring raise reading?", "program": "harbor/tutoring", "purpose": "studies", "outcome": "reading", "grades": ["03"],
             "school_years": "2025, 2026", "design": "matched", "covariates": ["sex"], "baseline": "reading_before",
             "subgroups": ["sex"], "placebo": ["math_before"]}  # fmt: skip
    faulty = site.post("/studies/new/", given | {"school_years": "2025 2025"})
    assert faulty.status_code == 422
    assert "a school year stands twice" in faulty.content.decode()
    assert site.post("/studies/new/", given | {"grades": []}).status_code == 422
    assert not RegisteredStudy.objects.exists()
    assert site.post("/studies/new/", given).status_code == 302
    (known,) = studies()
    asked = document(placebo=["math_before"])
    assert known.sha256 == asked.sha256


def test_a_study_that_cannot_be_run_says_why_on_its_page(evaluator: Any) -> None:
    known = register_study(document=document(who={"grades": ["05"]}), by=evaluator)
    site = signed_in(evaluator)
    site.post(f"/studies/{known.id}/run/")
    carry_out(STUDY_RUN, AskedWork.objects.get().pk)
    page = site.get(f"/studies/{known.id}/").content.decode()
    assert "It was not run. None of the students who took part" in page
    other = register_study(document=document(program="north/club"), by=evaluator)
    assert (
        "Participants: no agreement shows"
        in site.post(f"/studies/{other.id}/run/", follow=True).content.decode()
    )

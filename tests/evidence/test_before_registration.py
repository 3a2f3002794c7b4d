"""Before outcomes are read: the preview of a study, which reads none, and a study that is taken back."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection

from tests.evidence.test_studies import council, document, town
from tests.gate import making
from tests.site.people import signed_in
from throughway.core.refusals import Refused
from throughway.evidence.actions import studies as running
from throughway.evidence.actions.previews import plan_study, preview_what_works
from throughway.evidence.actions.studies import register_study, report_what_works, run_study
from throughway.evidence.actions.taking_back import begin_reading, take_back
from throughway.evidence.models import RegisteredStudy, StudyFinding, StudyReading, StudyTakenBack
from throughway.evidence.registered_study import LATER, parsed_document
from throughway.evidence.selectors import studies, study
from throughway.evidence.study_measures import OUTCOMES
from throughway.evidence.study_plan import detectable, step_of
from throughway.evidence.triggers import STUDIES
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.publication.selectors import releases

pytestmark = pytest.mark.django_db(transaction=True)
OF_OUTCOMES = {element.partition(".")[0] for each in OUTCOMES.values() for element in each.elements}


@pytest.fixture
def evaluator(community: object) -> Any:
    town(community)
    return making.reader("evaluator@hub.example")


def tables_read() -> set[str]:
    """The tables of which the ledger says that something was read."""
    read = LedgerEntry.objects.filter(outcome="released").values_list("elements", flat=True)
    return {element.partition(".")[0] for elements in read for element in elements}


def as_text(asked: Any) -> dict[str, str]:
    import yaml

    return {"study": yaml.safe_dump(asked.model_dump(mode="json", exclude_none=True))}


def test_a_preview_reads_no_outcome(evaluator: Any) -> None:
    """The ledger is the witness: no element of any outcome's table was read, by command or on the page."""
    plan = plan_study(document=document(placebo=["attendance"]), by=evaluator)
    assert plan.stops  # attendance is not granted, so nothing is counted
    assert tables_read() == set()
    plan = plan_study(document=document(), by=evaluator)
    found = preview_what_works(actor=evaluator, purpose="studies", document=document())
    page = signed_in(evaluator).post("/studies/new/", as_text(document()) | {"preview": "yes"})
    assert page.status_code == 200
    assert tables_read() >= {"school_enrollment", "program_participation", "person"}
    assert not tables_read() & OF_OUTCOMES
    assert found["study"] == plan.to_json()
    assert dict(plan.groups) == {
        "participants": "100 to 199",
        "students beside them": "200 to 499",
        "asked for a place, and had none": "fewer than 20",
    }
    assert not plan.stops
    # 2.802 × √(½ × (1/100 + 1/200)), upward.
    assert "an effect of 0.25 standard deviations" in plan.power
    assert "0.25 standard deviations" in page.content.decode()
    assert "Nothing is registered" in page.content.decode()
    assert not RegisteredStudy.objects.exists()
    assert releases(evaluator) == []


def test_a_preview_says_what_stands_in_the_way(evaluator: Any) -> None:
    register_study(document=document(title="Does it help?"), by=evaluator)
    plan = plan_study(document=document(), by=evaluator)
    assert "A second specification needs a decision of the community’s council" in plan.stops[0]
    assert plan.groups  # it counts all the same, since no outcome is read
    assert not plan_study(document=document(), by=evaluator, decision=council()).stops
    plan = plan_study(document=document(school_years=[2024]), by=evaluator)
    assert "Nobody began in the program in the school year 2023-24" in plan.stops[-1]
    plan = plan_study(document=document(covariates=["school"]), by=evaluator)
    assert "It leaves out sex" in plan.stops[-1]
    assert not plan.groups
    plan = plan_study(document=document(compared_with="applicants"), by=evaluator)
    assert any("fewer than 20 students beside them" in each for each in plan.stops)
    assert plan.power == ""
    plan = plan_study(document=document(help_comes_by="school"), by=evaluator)
    assert "Help comes by school, and there are fewer than 10 schools." in plan.stops
    assert any("The council has set no smallest effect" in each for each in plan.missing)
    with pytest.raises(Refused, match="registers a study"):
        plan_study(document=document(), by=OPERATOR)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "fewer than 20"), (19, "fewer than 20"), (20, "20 to 49"), (49, "20 to 49"), (50, "50 to 99"), (99, "50 to 99"),
     (100, "100 to 199"), (1_999, "1,000 to 1,999"), (6_000_000, "5,000,000 or more")],
)  # fmt: skip
def test_counts_stand_in_wide_steps(count: int, words: str) -> None:
    assert step_of(count, 20).words == words


def test_power_is_that_of_the_methods_page() -> None:
    """With 400 students an effect of .20 is found 52 times of 100 alone, 81 where a half is explained, 25 where help comes by schools too."""
    from scipy import stats

    def power(**given: float) -> float:
        error = detectable(200, 200, **given) / 2.802
        return float(stats.norm.sf(1.96 - 0.20 / error))

    assert round(power(explained=0.0), 2) == 0.52
    assert round(power(explained=0.5), 2) == 0.81
    assert round(power(explained=0.5, clusters=20, alike=0.20), 2) == 0.25


def test_a_study_refused_before_outcomes_were_read_is_taken_back(evaluator: Any) -> None:
    wrong = register_study(document=document(program="harbor/tutorin"), by=evaluator)
    with pytest.raises(Refused, match="names anybody in that program"):
        run_study(id=wrong.id, by=evaluator)
    assert not study(wrong.id).read
    assert not tables_read() & OF_OUTCOMES
    assert (
        take_back(id=wrong.id, reason=" The identifier was mistyped. ", by=evaluator).taken_back is not None
    )
    row = StudyTakenBack.objects.get()
    assert (row.reason, row.by, row.partner) == ("The identifier was mistyped.", evaluator.email, "hub")
    for act in (
        lambda: run_study(id=wrong.id, by=evaluator),
        lambda: take_back(id=wrong.id, reason="Again.", by=evaluator),
        lambda: begin_reading(id=wrong.id, by=evaluator),
    ):
        with pytest.raises(Refused, match=f"Study {wrong.id} was taken back on"):
            act()
    with pytest.raises(Refused, match="No study that is registered for purpose studies waits"):
        report_what_works(actor=evaluator, purpose="studies")
    assert run_study(id=register_study(document=document(), by=evaluator).id, by=evaluator)["release"]


def test_the_same_text_is_registered_again_once_it_was_taken_back(evaluator: Any) -> None:
    first = register_study(document=document(), by=evaluator)
    take_back(id=first.id, reason="It came too early.", by=evaluator)
    again = register_study(document=document(), by=evaluator)
    assert again.id != first.id
    assert again.taken_back is None
    assert register_study(document=document(), by=evaluator).id == again.id
    values = RegisteredStudy.objects.filter(pk=again.id).values().get() | {"id": "22222222"}
    with pytest.raises(IntegrityError):  # two at once: the database keeps one
        RegisteredStudy.objects.create(**values)
    take_back(id=again.id, reason="It came too early again.", by=evaluator)
    third = register_study(document=document(), by=evaluator)
    assert len({first.id, again.id, third.id}) == 3
    assert run_study(id=third.id, by=evaluator)["release"]
    with pytest.raises(Refused, match="its outcomes have been read"):
        take_back(id=third.id, reason="Late.", by=evaluator)


def test_taking_back_is_no_way_to_try_specifications(evaluator: Any) -> None:
    """Whoever registers and takes back learns of no outcome: each text that was taken back had read none, and of those that read there is one.
    Where a run is refused after it began to read, that it was refused tells of outcomes, so it stands too."""
    texts = [document(joins_within_days=days) for days in range(20, 32)]
    for asked in texts[:-1]:  # as many as one likes, of one question
        known = register_study(document=asked, by=evaluator)
        take_back(id=known.id, reason="Other days.", by=evaluator)
    assert not tables_read() & OF_OUTCOMES
    last = register_study(document=texts[-1], by=evaluator)
    run_study(id=last.id, by=evaluator)
    with pytest.raises(Refused) as refused:
        take_back(id=last.id, reason="It pleases nobody.", by=evaluator)
    assert refused.value.code == "read"
    assert "because its outcomes have been read" in refused.value.message
    with pytest.raises(Refused, match="A second specification needs a decision"):
        register_study(document=document(joins_within_days=40), by=evaluator)
    assert StudyFinding.objects.count() == 1


def test_a_run_that_failed_after_it_began_to_read_counts_as_read(evaluator: Any, monkeypatch: Any) -> None:
    known = register_study(document=document(), by=evaluator)

    def fails(*given: Any, **named: Any) -> None:
        raise Refused("No memory is left.", code="memory")

    monkeypatch.setattr("throughway.evidence.student_records.StudentRecords.scores", fails)
    with pytest.raises(Refused, match="No memory"):
        run_study(id=known.id, by=evaluator)
    monkeypatch.undo()
    assert not tables_read() & OF_OUTCOMES  # the row stands before the first is read
    with pytest.raises(Refused, match="because its outcomes have been read"):
        take_back(id=known.id, reason="A typing error.", by=evaluator)
    assert run_study(id=known.id, by=evaluator)["release"]


def test_who_takes_back_and_that_it_stays(evaluator: Any) -> None:
    known = register_study(document=document(), by=evaluator)
    for other in (OPERATOR, making.reader("worker@harbor.example"), making.reader("officer@north.example")):
        with pytest.raises(Refused, match="of the partner that registered a study takes it back"):
            take_back(id=known.id, reason="It is wrong.", by=other)
    for reason in (" ", "a" * 501):
        with pytest.raises(Refused, match=r"reason|why"):
            take_back(id=known.id, reason=reason, by=evaluator)
    take_back(id=known.id, reason="It is wrong.", by=evaluator)
    for change in ("UPDATE evidence_studytakenback SET reason = ''", "DELETE FROM evidence_studytakenback"):
        with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(change)


def test_a_second_specification_that_is_taken_back_gives_its_decision_back(evaluator: Any) -> None:
    register_study(document=document(), by=evaluator)
    opened = council()
    other = register_study(document=document(school_years=[2026]), by=evaluator, decision=opened)
    take_back(id=other.id, reason="Both years count.", by=evaluator)
    again = register_study(document=document(covariates=["sex", "grade"]), by=evaluator, decision=opened)
    assert again.decision == opened


def test_it_is_taken_back_on_its_page(evaluator: Any) -> None:
    known = register_study(document=document(program="harbor/tutorin"), by=evaluator)
    site, address = signed_in(evaluator), f"/studies/{known.id}/"
    assert "Take the study back" in site.get(address).content.decode()
    assert (
        "Take the study back"
        not in signed_in(making.reader("officer@north.example")).get(address).content.decode()
    )
    assert site.post(f"{address}take-back/", {"reason": ""}).status_code == 422
    assert site.post(f"{address}take-back/", {"reason": "The identifier was mistyped."}).status_code == 302
    page = site.get(address).content.decode()
    assert "The identifier was mistyped." in page
    assert "Run and publish" not in page
    assert "Take the study back" not in page
    assert "taken back" in site.get("/studies/").content.decode()
    later = register_study(document=document(), by=evaluator)
    run_study(id=later.id, by=evaluator)
    assert "Take the study back" not in site.get(f"/studies/{later.id}/").content.decode()
    refused = site.post(f"/studies/{later.id}/take-back/", {"reason": "It pleases nobody."})
    assert refused.status_code == 422
    assert "because its outcomes have been read" in refused.content.decode()


def test_a_study_of_an_earlier_version_may_be_taken_back_where_nothing_was_read_under_its_purpose(
    evaluator: Any,
) -> None:
    migration = import_module("throughway.evidence.migrations.0006_taken_back")
    known = register_study(document=document(), by=evaluator)
    migration.read_before(apps, None)
    assert not StudyReading.objects.exists()
    run_study(id=known.id, by=evaluator)
    STUDIES.drop(connection)
    StudyFinding.objects.all().delete()
    StudyReading.objects.all().delete()
    STUDIES.put(connection)
    migration.read_before(apps, None)
    assert StudyReading.objects.get().study_id == known.id
    assert studies()[0].read
    assert date.today() == StudyReading.objects.get().at.date()
    assert parsed_document(dict(known.document)).sha256 == known.sha256
    assert running.check_may_run(known.id, evaluator) is None


def registered_earlier(evaluator: Any, **changes: Any) -> str:
    """A study as the first version with studies stored it: a title that is no question, a smallest effect of its own, and none of the fields
    that came later."""
    asked = document(title="Tutoring and reading", smallest_effect={"value": 0.2}, **changes)
    stored = {
        k: v for k, v in asked.model_dump(mode="json").items() if k not in LATER or k == "smallest_effect"
    }
    return RegisteredStudy.objects.create(
        id="EARLIER2", title=asked.title, document=stored, sha256=asked.sha256, question=asked.question, program=asked.program,
        purpose=asked.purpose, smallest=None, at=datetime.now(UTC) - timedelta(days=30), by=evaluator.email, partner="hub",
    ).pk  # fmt: skip


def test_a_study_of_an_earlier_folder_that_was_never_run_opens_and_runs(evaluator: Any) -> None:
    """Its own smallest effect does not count: the word is made of what the council has set."""
    known = registered_earlier(evaluator)
    site = signed_in(evaluator)
    assert "Run and publish" in site.get(f"/studies/{known}/").content.decode()
    found = run_study(id=known, by=evaluator)
    assert found["verdict"] == "did better than look-alikes"
    assert found["finding"]["smallest"] is None
    assert site.get(f"/studies/finding/{found['release']}/").status_code == 200


def test_a_finding_is_read_in_spanish_and_what_is_english_in_it_says_so(evaluator: Any) -> None:
    known = register_study(document=document(), by=evaluator)
    address = f"/studies/finding/{run_study(id=known.id, by=evaluator)['release']}/"
    site = signed_in(evaluator)
    english, spanish = (site.get(f"{address}{kept}").content.decode() for kept in ("", "?language=es"))
    assert '<html lang="en">' in english
    assert "We do not know whether the program is why." in english
    assert f'href="{address}' not in english
    assert 'href="?language=es" lang="es"' in english
    assert '<html lang="es">' in spanish
    shown = spanish.split("<main")[1].split("</main")[0]
    assert "No sabemos si fue por el programa." in shown
    assert "Los participantes tuvieron" in shown
    assert "participantes comparados" in shown
    assert 'href="/studies/?language=es"' in shown, "links keep the language"
    for stored in ("It did not move", "whether the groups differ cannot be told", "Time zero"):
        before = shown.split(stored)[0]
        assert stored not in shown or before.rfind('lang="en"') > before.rfind("</section>"), stored
    listed = site.get("/studies/", headers={"accept-language": "es-MX"}).content.decode()
    assert "No sabemos si fue por el programa." in listed
    assert "We do not know" not in listed


def test_a_study_of_an_earlier_folder_that_says_too_little_is_refused_and_taken_back(evaluator: Any) -> None:
    known = registered_earlier(evaluator, covariates=["school"])
    with pytest.raises(Refused, match="It leaves out sex, which is in the records") as refused:
        run_study(id=known, by=evaluator)
    assert refused.value.code == "not_covered"
    with pytest.raises(
        Refused, match=f"Study {known} of this program, outcome and school year is registered"
    ):
        register_study(document=document(), by=evaluator)
    take_back(id=known, reason="It leaves out what every comparison adjusts for.", by=evaluator)
    assert run_study(id=register_study(document=document(), by=evaluator).id, by=evaluator)["release"]

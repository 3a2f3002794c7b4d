"""The cycle after a finding: who replies and decides, what waits for whom until when, and the finding that measures again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.site.people import add, settle
from throughway.core.refusals import Refused
from throughway.evidence.actions.follow_up import decide_on, follow_up, measured_again, reply
from throughway.evidence.follow_up import FollowUpStage
from throughway.evidence.models import RegisteredStudy, StudyFinding
from throughway.evidence.selectors import (
    decided_actions,
    decisions_due,
    finding,
    newest_words,
    open_steps,
)
from throughway.partners import Actor, Role
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.actions import act_on, publish
from throughway.publication.states import ReleaseAct

pytestmark = pytest.mark.django_db
TODAY = date.today()


@pytest.fixture
def people(community: object) -> dict[str, Actor]:
    of_oak = settle()
    return {
        "backbone": add("leader", "spine", Role.LEADER),
        "program": add("manager", "bank", Role.PROGRAM_MANAGER),
        "evaluator": of_oak[Role.EVALUATOR],
        "leader": of_oak[Role.LEADER],
        "worker": of_oak[Role.CASE_WORKER],
    }


def found(
    by: Actor,
    id: str = "A1",
    program: str = "bank/tutoring",
    days_ago: int = 1,
    review_days: int = 0,
    verdict: str = "helps",
    causal: bool = True,
) -> str:
    """A public finding on a program, as a release of one table."""
    table = ProtectedTable(
        "Students", ("group",), (ProtectedCell({"group": "participants"}, "students", 40),)
    )
    release = publish(
        report="what-works", title="Does it help?", tables=[table], purpose="studies", on=TODAY, agreements=[("a", "1")],
        minimum_cell=10, review_days=review_days, disclosures=[], by=by,
        about={"finding": {"verdict": verdict, "causal": causal}},
    )  # fmt: skip
    at = datetime.now(UTC) - timedelta(days=days_ago)
    row, _ = RegisteredStudy.objects.get_or_create(
        id=id, defaults={"title": "Does tutoring help?", "document": {}, "sha256": id, "question": "q", "program": program,
                         "purpose": "studies", "at": at, "by": by.email, "partner": by.partner},
    )  # fmt: skip
    StudyFinding.objects.create(
        study=row, release=release.id, verdict=verdict, program_partner="bank",
        reply_until=TODAY + timedelta(days=13), at=at, by=by.email,
    )  # fmt: skip
    return release.id


def decided(people: dict[str, Actor], release: str, **changes: object) -> int:
    given = {
        "release": release, "text": "Two more sessions a week.", "owner": people["worker"].email, "met_on": TODAY,
        "due": TODAY + timedelta(days=30), "measure_again_on": TODAY + timedelta(days=300), "by": people["backbone"],
    }  # fmt: skip
    return decide_on(**{**given, **changes})  # type: ignore[arg-type]


def waits(person: Actor) -> list[str]:
    return [step.kind for step in open_steps(TODAY) if step.is_for(person)]


def test_only_the_program_replies_and_its_words_stand_with_the_finding(people: dict[str, Actor]) -> None:
    release = found(people["evaluator"])
    assert waits(people["program"]) == ["reply_to_finding"]
    for other in ("backbone", "evaluator", "leader"):
        with pytest.raises(Refused, match="program’s own partner"):
            reply(release=release, text="We see it otherwise.", by=people[other])
    with pytest.raises(Refused, match="Write the reply"):
        reply(release=release, text="  ", by=people["program"])
    reply(release=release, text="We see it otherwise.", by=people["program"])
    assert waits(people["program"]) == []
    assert [r.text for r in finding(release, people["leader"]).replies] == ["We see it otherwise."]


def test_a_withdrawn_finding_asks_nobody_for_a_reply(people: dict[str, Actor]) -> None:
    release = found(people["evaluator"])
    act_on(ReleaseAct.WITHDRAW, release=release, by=people["evaluator"], reason="A mistake.")
    assert waits(people["program"]) == []
    assert newest_words(people["leader"]) == {}


def test_the_word_of_a_finding_is_open_to_those_who_may_see_its_release(people: dict[str, Actor]) -> None:
    release = found(people["evaluator"], days_ago=2)
    newer = found(people["evaluator"], days_ago=1)
    assert newest_words(people["leader"]) == {"A1": ("helps", newer)}
    act_on(ReleaseAct.WITHDRAW, release=newer, by=people["evaluator"], reason="A mistake.")
    assert newest_words(people["leader"]) == {"A1": ("helps", release)}


def test_no_word_of_a_finding_before_its_release_is_open(people: dict[str, Actor]) -> None:
    release = found(people["evaluator"], review_days=14)
    assert newest_words(people["backbone"]) == {}
    assert newest_words(people["evaluator"]) == {"A1": ("helps", release)}
    with pytest.raises(Refused, match="No release has that id"):
        finding(release, people["backbone"])


def test_a_decision_waits_for_its_owner_then_for_a_new_measurement(people: dict[str, Actor]) -> None:
    release = found(people["evaluator"])
    number = decided(people, release)
    assert waits(people["worker"]) == ["carry_out_finding"]
    assert [(d.number, d.next_day) for d in decisions_due(TODAY)] == [(number, TODAY + timedelta(days=30))]
    assert decisions_due(TODAY, within_days=29) == []
    with pytest.raises(Refused, match="Only its owner"):
        follow_up(decision=number, done=True, words="Done.", by=people["leader"])
    follow_up(decision=number, done=True, words="Two sessions were added.", by=people["worker"])
    assert waits(people["worker"]) == []
    assert waits(people["evaluator"]) == ["measure_again"]
    with pytest.raises(Refused, match="no later finding"):
        measured_again(decision=number, release=release, by=people["backbone"])
    other = found(people["evaluator"], "B2", "bank/mentoring", days_ago=0)
    with pytest.raises(Refused, match="no later finding"):
        measured_again(decision=number, release=other, by=people["backbone"])
    later = found(people["evaluator"], "C3", days_ago=0)
    measured_again(decision=number, release=later, by=people["backbone"])
    (closed,) = decided_actions()
    assert closed.stage is FollowUpStage.CLOSED
    assert closed.progress[-1].release == later
    assert decisions_due(TODAY) == []


def test_what_was_not_done_is_closed_with_its_reason(people: dict[str, Actor]) -> None:
    number = decided(people, found(people["evaluator"]))
    follow_up(decision=number, done=False, words="The money went elsewhere.", by=people["backbone"])
    assert decisions_due(TODAY) == []
    with pytest.raises(Refused, match="recorded already"):
        follow_up(decision=number, done=True, words="Done after all.", by=people["backbone"])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"met_on": None}, "which meeting"),
        ({"met_on": TODAY + timedelta(days=1)}, "in the future"),
        ({"due": TODAY - timedelta(days=1)}, "before it was made"),
        ({"measure_again_on": TODAY + timedelta(days=30)}, "measured again before"),
        ({"owner": "nobody@oak.example"}, "No user"),
        ({"text": ""}, "Write the decision"),
        ({"meeting": 99}, "no meeting"),
    ],
)
def test_a_decision_that_cannot_be_kept_is_refused(
    people: dict[str, Actor], change: dict[str, object], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        decided(people, found(people["evaluator"]), **change)
    assert decided_actions() == []


def test_who_may_decide(people: dict[str, Actor]) -> None:
    """The backbone's leader and the program's officers; no district's leader, no evaluator."""
    release = found(people["evaluator"])
    for other in ("leader", "evaluator", "worker"):
        with pytest.raises(Refused, match="records what was decided"):
            decided(people, release, by=people[other])
    decided(people, release)

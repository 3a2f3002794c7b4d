"""Who completed which course, and until when it counts."""

from datetime import date, timedelta

import pytest

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.partners import OPERATOR
from throughway.store import Community
from throughway.training.actions import record
from throughway.training.selectors import all_of, of, valid
from throughway.training.validity import Completed, ended, valid_courses

TODAY = date.today()
WORKER = "worker@harbor.example"


@pytest.mark.django_db
def test_a_course_counts_for_a_year(community: Community) -> None:
    making.register()
    done = record(email=WORKER.upper(), course="ferpa-basics", on=TODAY - timedelta(365), by=OPERATOR)
    assert (done.new, done.completed.until, done.asked) == (True, TODAY, False)
    assert valid(WORKER, TODAY) == {"ferpa-basics"}
    assert valid(WORKER, TODAY + timedelta(1)) == frozenset()
    assert not record(email=WORKER, course="ferpa-basics", on=TODAY - timedelta(365), by=OPERATOR).new
    assert [c.email for c in all_of()] == [WORKER]


@pytest.mark.django_db
def test_the_community_says_how_long(community: Community, settings: object) -> None:
    making.register()
    path = community.root / "throughway.toml"
    path.write_text(path.read_text() + "[training]\ndays = 30\n[training.courses]\nsecrets = 10\n")
    settings.COMMUNITY = Community(community.root)  # type: ignore[attr-defined]
    for course in ("ferpa-basics", "secrets"):
        record(email=WORKER, course=course, on=TODAY, by=OPERATOR)
    assert {c.course: (c.until - TODAY).days for c in of(WORKER)} == {"ferpa-basics": 30, "secrets": 10}


@pytest.mark.django_db
def test_result_says_whether_an_agreement_requires_it(community: Community) -> None:
    making.register()
    document = making.sharing()
    document["terms"]["training"] = ["ferpa-basics"]
    making.agreements.add(text=making.json.dumps(document), by=OPERATOR)
    assert record(email=WORKER, course="ferpa-basics", on=TODAY, by=OPERATOR).asked


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"on": TODAY + timedelta(1)}, "too_early"),
        ({"email": "nobody@x.example"}, "unknown_user"),
        ({"course": ""}, "bad_course"),
    ],
)
def test_wrong_course_or_day_is_refused(community: Community, change: dict[str, object], code: str) -> None:
    making.register()
    said = {"email": WORKER, "course": "ferpa-basics", "on": TODAY} | change
    with pytest.raises(Refused) as refused:
        record(**said, by=OPERATOR)  # type: ignore[arg-type]
    assert refused.value.code == code
    with pytest.raises(Refused):
        record(email=WORKER, course="ferpa-basics", on=TODAY, by=making.reader(WORKER))


def test_the_last_of_several_is_the_one_that_ran_out() -> None:
    done = [
        Completed("x", "a", date(2020, 1, 1), date(2021, 1, 1)),
        Completed("x", "a", date(2022, 1, 1), date(2023, 1, 1)),
    ]
    assert ended(done, "a", date(2026, 1, 1)) == date(2023, 1, 1)
    assert ended(done, "a", date(2022, 6, 1)) == date(2021, 1, 1)
    assert ended(done, "a", date(2023, 1, 1)) == date(2021, 1, 1)  # through its last day it has not ended
    assert ended(done, "b", date(2026, 1, 1)) is None
    assert valid_courses(done, date(2021, 1, 1)) == {"a"}
    assert valid_courses(done, date(2021, 1, 2)) == frozenset()

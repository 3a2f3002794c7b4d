"""A party barred by a finding of the Department: how long, by whom recorded, and that nothing of it is ever changed."""

from datetime import date

import pytest

from throughway.core.refusals import Refused
from throughway.partners import actions
from throughway.partners.actor import OPERATOR, Actor
from throughway.partners.debarment import Debarment, least, standing
from throughway.partners.selectors import bars

FOUND = date(2026, 3, 2)


def test_five_years_at_least() -> None:
    assert least(FOUND) == date(2031, 3, 2)
    assert least(date(2024, 2, 29)) == date(2029, 3, 1)


@pytest.mark.parametrize(
    ("party", "agency", "on", "holds"),
    [
        ("lab", "oak", date(2026, 3, 1), False),
        ("lab", "oak", date(2026, 3, 2), True),
        ("lab", "oak", date(2031, 3, 2), True),
        ("lab", "oak", date(2031, 3, 3), False),
        ("lab", "elm", date(2027, 1, 1), False),  # only the agency from which the records came
        ("oak", "lab", date(2027, 1, 1), False),
    ],
)
def test_debarment_holds_between_both_partners_on_its_days(
    party: str, agency: str, on: date, holds: bool
) -> None:
    one = Debarment(1, "lab", "oak", "26-114", FOUND, date(2031, 3, 2))
    assert bool(standing([one], party, agency, on)) is holds


def test_ended_debarment_does_not_count_and_longest_wins() -> None:
    ended = Debarment(1, "lab", "oak", "26-114", FOUND, date(2040, 1, 1), "taken back")
    short = Debarment(2, "lab", "oak", "26-115", FOUND, date(2031, 3, 2))
    long = Debarment(3, "lab", "oak", "26-116", FOUND, date(2033, 3, 2))
    assert standing([ended, short, long], "lab", "oak", date(2027, 1, 1)) is long
    assert standing([ended], "lab", "oak", date(2027, 1, 1)) is None


@pytest.fixture
def register(db: None) -> None:
    for id, kind in (("oak", "lea"), ("elm", "lea"), ("lab", "agency")):
        actions.add_partner(id=id, name=id.title(), kind=kind, by=OPERATOR)


@pytest.mark.usefixtures("register")
def test_debarment_and_its_end_stay_on_record() -> None:
    keeper = Actor("privacy@oak.example", "oak", "privacy_officer")
    made = actions.bar(party="lab", agency="oak", finding=" 26-114 ", found_on=FOUND, by=keeper)
    assert (made.finding, made.until) == ("26-114", date(2031, 3, 2))
    assert bars() == (made,)
    ended = actions.end_bar(number=made.number, why="Letter of 4 May", by=keeper)
    assert (ended.ended, ended.holds(FOUND)) == ("Letter of 4 May", False)
    assert bars() == (ended,)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"party": "nobody"}, "unknown_partner"),
        ({"agency": "nobody"}, "unknown_partner"),
        ({"party": "oak"}, "same"),
        ({"finding": "  "}, "no_finding"),
        ({"found_on": date(9998, 1, 1)}, "bad_day"),
        ({"until": date(2031, 3, 1)}, "too_short"),
        ({"by": Actor("x@lab.example", "lab", "privacy_officer")}, "not_allowed"),
        ({"by": Actor("x@elm.example", "elm", "privacy_officer")}, "not_allowed"),
        ({"by": Actor("x@oak.example", "oak", "leader")}, "not_allowed"),
    ],
)
def test_wrong_debarment_is_refused(changes: dict[str, object], code: str) -> None:
    asked = {"party": "lab", "agency": "oak", "finding": "26-114", "found_on": FOUND, "by": OPERATOR}
    with pytest.raises(Refused) as refused:
        actions.bar(**{**asked, **changes})  # type: ignore[arg-type]
    assert refused.value.code == code
    assert bars() == ()


@pytest.mark.usefixtures("register")
def test_only_a_current_debarment_can_be_ended() -> None:
    made = actions.bar(party="lab", agency="oak", finding="26-114", found_on=FOUND, by=OPERATOR)
    for number, why, code in ((99, "x", "unknown_bar"), (made.number, " ", "no_reason")):
        with pytest.raises(Refused) as refused:
            actions.end_bar(number=number, why=why, by=OPERATOR)
        assert refused.value.code == code
    actions.end_bar(number=made.number, why="x", by=OPERATOR)
    with pytest.raises(Refused, match="ended before"):
        actions.end_bar(number=made.number, why="x", by=OPERATOR)


@pytest.mark.usefixtures("register")
def test_no_partner_ends_its_own_debarment() -> None:
    actions.add_partner(id="spine", name="Spine", kind="backbone", by=OPERATOR)
    made = actions.bar(party="spine", agency="oak", finding="26-114", found_on=FOUND, by=OPERATOR)
    with pytest.raises(Refused) as refused:
        actions.end_bar(number=made.number, why="Ours", by=Actor("bo@spine.example", "spine", "data_steward"))
    assert refused.value.code == "not_allowed"
    assert not bars()[0].ended

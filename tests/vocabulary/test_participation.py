"""Which statuses mean taking part in a program."""

from datetime import date
from pathlib import Path

import pytest

from throughway.vocabulary import codes_of, element
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus, goes_on, standing

DAY = date(2026, 9, 1)


def test_every_status_has_a_meaning() -> None:
    assert set(
        codes_of(element("program_participation.program_participation_status")) or ()
    ) == MEANINGS.keys() - {""}


@pytest.mark.parametrize(
    ("status", "start", "found"),
    [
        ("Active", DAY, ParticipationStatus.TOOK_PART),
        ("Exited", DAY, ParticipationStatus.TOOK_PART),
        ("Withdrew", DAY, ParticipationStatus.TOOK_PART),  # left early
        (None, DAY, ParticipationStatus.TOOK_PART),
        ("Active", None, ParticipationStatus.UNKNOWN),
        ("Exited", None, ParticipationStatus.UNKNOWN),
        (None, None, ParticipationStatus.UNKNOWN),
        ("Withdrew", None, ParticipationStatus.WITHDREW),
        ("WaitingList", None, ParticipationStatus.WAITING),
        ("WaitingList", DAY, ParticipationStatus.WAITING),  # the first day of waiting is no participation
        ("Referred", DAY, ParticipationStatus.APPLIED),
        ("Eligible", None, ParticipationStatus.APPLIED),
        ("Applied", None, ParticipationStatus.APPLIED),
        ("Declined", None, ParticipationStatus.DECLINED),
        ("NotEligible", DAY, ParticipationStatus.DECLINED),
        ("Other", DAY, ParticipationStatus.UNKNOWN),
        ("a word of no code set", DAY, ParticipationStatus.UNKNOWN),
    ],
)
def test_participation_needs_a_first_day_and_a_status(
    status: str | None, start: date | None, found: ParticipationStatus
) -> None:
    assert standing(status, start) is found


def test_open_stay_goes_on_only_by_its_status() -> None:
    assert [s for s in ("Active", None, "Exited", "Withdrew", "WaitingList") if goes_on(s)] == [
        "Active",
        None,
    ]


def test_the_manual_names_every_status() -> None:
    text = (Path(__file__).parents[2] / "docs" / "screens" / "services.md").read_text(encoding="utf-8")
    for status in MEANINGS.keys() - {""}:
        assert status in text

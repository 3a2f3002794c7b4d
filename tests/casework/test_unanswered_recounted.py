"""How many referrals wait too long for an answer, as leaders read it, against a slow count of every referral."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from tests.gate import making
from throughway.casework.referrals.models import Referral
from throughway.casework.referrals.referral import LATE, ReferralState
from throughway.casework.referrals.selectors import unanswered
from throughway.partners import OPERATOR
from throughway.partners.actions import add_partner

ON = date(2026, 11, 25)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_unanswered_referrals_are_those_of_a_slow_count(seed: int) -> None:
    making.register()
    add_partner(id="clinic", name="Clinic", kind="agency", legal=("part2",), by=OPERATOR)
    chance = random.Random(seed)
    made = []
    for number in range(120):
        is_open = chance.random() < 0.8
        sent = chance.choice([None, *(ON - timedelta(days=d) for d in (1, LATE - 1, LATE, LATE + 1, 90))])
        made.append(
            Referral(
                id=f"r{number}", partner="north", record=number, support=1, sender="north",
                receiver=chance.choice(["harbor", "hub", "harbor", "clinic", "gone"]), author="worker@north.example",
                state=chance.choice([*ReferralState]), version=1, is_open=is_open, since=ON, due=ON if is_open else None, sent=sent,
                answered=chance.choice([None, None, ON]),
            )
        )  # fmt: skip
    Referral.objects.bulk_create(made)
    slow = Counter(
        each.receiver
        for each in made
        if each.is_open and each.answered is None and each.sent is not None and (ON - each.sent).days >= LATE
    )
    assert slow["clinic"]
    assert slow["gone"]
    told = {each.partner: each.number for each in unanswered(ON)}
    assert told == {"Harbor": slow["harbor"], "Hub": slow["hub"]}
    for each in unanswered(ON):
        assert each.words == ("a few" if each.number < 10 else str(each.number))

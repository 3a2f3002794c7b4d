"""A refusal is no wall of words: of agreements that refuse alike each is named once, and so is the law."""

import pytest

from throughway.core.refusals import Refused
from throughway.gate.decision import Reason, refusal_text


def role(agreement: str, may: str = "data steward") -> Reason:
    return Reason(
        f"The role leader may not read under this purpose in {agreement}; {may} may.", "", agreement
    )


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ([], ""),
        ([Reason("Nobody may.", "")], "Nobody may."),
        ([Reason("Nobody may.", "", "bus"), Reason("Nobody may.", "", "aid")], "Nobody may."),
        ([role("bus")], "The role leader may not read under this purpose in bus; data steward may."),
        (
            [role("bus"), Reason("aid is suspended.", "", "aid"), role("aid"), role("bus"), role("bus-2")],
            "The role leader may not read under this purpose in bus, aid and bus-2; data steward may. aid is suspended.",
        ),
        (
            [role("bus"), role("aid", "case worker")],
            "The role leader may not read under this purpose in bus; data steward may."
            " The role leader may not read under this purpose in aid; case worker may.",
        ),
        # A name that only begins like another's is another's.
        ([Reason("It stands in bus-2.", "", "bus")], "It stands in bus-2."),
    ],
)
def test_reasons_that_differ_by_agreement_are_one_sentence(reasons: list[Reason], said: str) -> None:
    assert refusal_text(reasons) == said


def test_a_law_stands_once_before_the_places_that_rest_on_it() -> None:
    refused = Refused(
        "No.", citations=["34 CFR 99.30(a); bus, terms", "34 CFR 99.30(a); aid, terms", "20 USC 1232g"]
    )
    assert refused.rules == ("34 CFR 99.30(a)", "bus, terms", "aid, terms", "20 USC 1232g")

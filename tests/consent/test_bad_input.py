"""What is wrong with a decision of a family, as one table: each is refused in a sentence that repeats nobody, and nothing is kept."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.consent.test_consents import LINE, TODAY, add
from tests.gate import making
from tests.kept import kept
from throughway.consent import actions
from throughway.consent.models import ConsentEvent
from throughway.consent.selectors.decisions import consents, in_force
from throughway.core.refusals import Refused
from throughway.families.actions import amendments, inspections, limits
from throughway.partners import OPERATOR

pytestmark = pytest.mark.django_db(transaction=True)
TOMORROW, OFFICER = str(TODAY + timedelta(days=1)), "officer@north.example"


@pytest.fixture(autouse=True)
@kept
def town(community: object) -> None:
    """Planning with north's records depends on consent; its notice is there in English and Spanish. All its students are minors."""
    document = making.sharing()
    document["purposes"][0] |= {"basis": "consent", "basis_details": {}}
    making.register()
    making.in_effect(document)
    making.people()
    limits.record_notice(
        agreement="sharing-2026", version="2026-1", languages=["EN", "es"], by=making.reader(OFFICER)
    )


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    # case: (what the line says otherwise, code, what the sentence names)
    "the student of 13 signs": ({"relation": "student"}, "no_right", "did not hold the right on that day"),
    "an aunt signs": ({"relation": "aunt"}, "bad_line", "relation that gives no right to consent"),
    "a representative signs": ({"relation": "representative"}, "bad_line", "relation that gives no right to consent"),
    "tomorrow": ({"signed_on": TOMORROW}, "bad_line", "in the future"),
    "no day": ({"signed_on": ""}, "bad_line", "no day of signature"),
    "ended before": ({"expires": "2001-01-01"}, "bad_line", "expires before it was signed"),
    "a purpose that is not there": ({"purpose": "person.birthdate"}, "nothing_to_choose", "does not depend on consent"),
    "a purpose of another basis": ({"purpose": "matching"}, "nothing_to_choose", "does not depend on consent"),
    "nothing to choose at all": ({"partner": "harbor"}, "nothing_to_choose", "no records of harbor depend on consent"),
    "an agreement that is not there": ({"agreement": "other"}, "unknown_agreement", "an agreement that does not exist"),
    "a partner that is not there": ({"partner": "moon"}, "unknown_partner", "not in the register"),
    "a language without a notice": ({"language": "fr"}, "no_notice", "names a language in which north has no notice"),
    "a version that nobody wrote": ({"notice_version": "1999"}, "no_notice", "names a version of the notice that north has not"),
    "a language and no version": ({"notice_version": ""}, "bad_line", "version of the notice"),
    "no language": ({"language": ""}, "bad_line", "no language"),
    "nobody knows who signed": ({"method": ""}, "bad_line", "signer’s identity was verified"),
    "taken back, and never given": ({"decision": "withdrawn"}, "never_given", "never gave"),
    "taken back by another": ({"decision": "withdrawn", "signer": "Sam One"}, "never_given", "never gave"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_each_wrong_request_is_refused(case: str, tmp_path: Path) -> None:
    line, code, names = WRONG[case]
    with pytest.raises(Refused) as refused:
        add(tmp_path, {"record_key": "n-12", "signer": "Kim"}, line)  # the right line beside it neither
    said = refused.value.message
    assert (refused.value.code, names in said) == (code, True), (refused.value.code, said)
    assert len(re.findall(r"[.!?](?= [A-Z])", said)) == 0, said  # one sentence
    assert not {LINE["record_key"], "Pat", "Sam"} & set(re.findall(r"[\w-]+", said))
    assert not ConsentEvent.objects.exists()


def test_repeating_a_request_changes_nothing(tmp_path: Path) -> None:
    assert add(tmp_path, {}, {}).new == 1
    assert add(tmp_path, {"language": "ES", "signer": "  pat ONE "}).new == 0
    assert len(consents()) == 1


@pytest.mark.parametrize("relation", ["parent", "guardian", "acting_parent", "surrogate"])
def test_who_holds_the_right_while_the_student_is_a_minor(relation: str, tmp_path: Path) -> None:
    add(tmp_path, {"relation": relation})
    assert len(in_force(consents(), TODAY)) == 1


def test_without_a_recorded_notice_any_version_is_accepted(tmp_path: Path) -> None:
    document = making.sharing(id="sharing-2027", title="Another")
    document["purposes"] = [
        document["purposes"][0] | {"id": "choosing", "basis": "consent", "basis_details": {}}
    ]
    document["schedule"] = [making.line("person.first_name", "choosing")]
    making.in_effect(document)
    other = {"agreement": "sharing-2027", "purpose": "choosing", "language": "fr"}
    assert add(tmp_path, other).new == 1
    refusal = other | {"decision": "no", "agreement": "sharing-2026", "purpose": "planning", "signer": "Kim"}
    assert add(tmp_path, refusal).new == 1  # who refuses need not have read anything


@pytest.mark.parametrize(
    ("id", "code"), [("ZZZZZZZZ", "unknown_consent"), ("", "unknown_consent"), ("refusal", "no_consent")]
)
def test_withdrawal_of_a_consent_never_given_is_refused(id: str, code: str, tmp_path: Path) -> None:
    add(tmp_path, {"decision": "no"})
    with pytest.raises(Refused) as refused:
        actions.withdraw(id=consents()[0].id if id == "refusal" else id, by=OPERATOR)
    assert (refused.value.code, len(consents())) == (code, 1)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"agreement": "other"}, "Name an agreement"), ({"version": " "}, "Give the version"),
        ({"languages": [" "]}, "Give the languages"),
    ],
)  # fmt: skip
def test_wrong_notice_is_refused(more: dict[str, Any], sentence: str) -> None:
    said: dict[str, Any] = {"agreement": "sharing-2026", "version": "2", "languages": ["en"]}
    with pytest.raises(Refused, match=sentence):
        limits.record_notice(**said | more, by=making.reader(OFFICER))


def test_a_representative_may_inspect_and_nothing_else() -> None:
    ask: dict[str, Any] = {
        "student": "n-11", "who": "Pat One", "relation": "representative", "identified": "A letter of the mother", "received": TODAY,
        "by": making.reader(OFFICER),
    }  # fmt: skip
    assert inspections.ask_to_inspect(**ask).relation == "representative"
    more = {"element": "attendance_day.attendance_status", "which": "1 September", "why": "She was there"}
    with pytest.raises(Refused, match="no right to ask"):
        amendments.ask_to_amend(**ask, **more)
    limits.limit(
        student="n-12", who="Kim Two", kind="rights", reference="7", since=TODAY, by=making.reader(OFFICER)
    )
    asked = inspections.ask_to_inspect(**ask | {"student": "n-12", "who": "Kim Two"})
    with pytest.raises(Refused, match="order has taken away"):
        inspections.gather(code=asked.code, by=making.reader(OFFICER))

"""An answer that is counted now and released later: decided anew, under an entry of its own, and nothing of it before."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.gate import making
from tests.gate.test_grant_merging import grant
from tests.gate.test_whom import CONSENT, EMERGENCY, TODAY, WORKER, access, say, seen, told, town
from throughway.agreements import actions as agreements
from throughway.consent import actions as consents
from throughway.consent.selectors.decisions import consents as kept_consents
from throughway.core.long_work import TransactionOpen
from throughway.core.refusals import Refused
from throughway.gate.actions import enter
from throughway.gate.held_answer import HeldAnswer, digest
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.training import actions as training

__all__ = ["say"]
NAMES = "SELECT first_name, person_id FROM person ORDER BY 1"


def held(sql: str = NAMES) -> HeldAnswer:
    """As it is kept, in another process too."""
    return HeldAnswer.from_bytes(access().hold(sql, most=100, rows=2, columns=1).to_bytes())


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("community")
class TestReleased:
    def test_nothing_is_recorded_before_and_one_entry_at_each_release(self) -> None:
        town(**EMERGENCY)
        kept = held()
        assert not LedgerEntry.objects.exists()
        answer = access().release(kept, NAMES)
        assert (answer.columns, answer.rows, kept.rows, kept.width) == (
            ["first_name"],
            [("Ada",), ("Ben",)],
            3,
            2,
        )
        access().release(kept, NAMES)
        access().query(NAMES)
        first, second, direct = LedgerEntry.objects.order_by("at", "id")
        for entry in (first, second):
            for name in ("rows", "elements", "question", "students", "disclosers", "agreements", "outcome"):
                assert getattr(entry, name) == getattr(direct, name), name

    def test_what_is_not_granted_is_refused_and_recorded_when_it_is_counted(self) -> None:
        town(**EMERGENCY)
        with pytest.raises(Refused):
            held("SELECT last_or_surname FROM person")
        assert LedgerEntry.objects.get().outcome == "refused"
        with pytest.raises(Refused, match="more than 2 rows"):
            access().hold(NAMES, most=2, rows=2, columns=1)

    def test_not_after_a_consent_is_withdrawn(self, say: Callable[..., None]) -> None:
        town(**CONSENT)
        say(("n-11", "yes"), ("n-12", "yes"))
        kept = held()
        access().release(kept, NAMES)
        assert told() == [11, 12]
        (consent,) = (c.id for c in kept_consents() if c.record == 12)
        consents.withdraw(id=consent, by=OPERATOR)
        with pytest.raises(Refused, match="Access changed since") as refused:
            access().release(kept, NAMES)
        assert refused.value.code == "not_allowed"
        assert LedgerEntry.objects.order_by("at", "id").last().outcome == "refused"  # type: ignore[union-attr]
        assert seen() == ["Ada"]  # who asks again is answered

    def test_a_consent_that_was_given_since_adds_nobody(self, say: Callable[..., None]) -> None:
        town(**CONSENT)
        say(("n-11", "yes"))
        kept = held()
        say(("n-12", "yes"))
        assert access().release(kept, NAMES).rows == [("Ada",)]
        assert told() == [11]

    def test_not_after_the_training_lapsed(self) -> None:
        town(training=["ferpa-basics"], **EMERGENCY)
        training.record(email=WORKER, course="ferpa-basics", on=TODAY, by=OPERATOR)
        kept = held()
        later = access()
        training.record(email=WORKER, course="ferpa-basics", on=TODAY - timedelta(400), by=OPERATOR)
        from throughway.training.models import Completion

        Completion.objects.filter(on=TODAY).delete()
        with pytest.raises(Refused, match="Access changed while"):
            later.release(kept, NAMES)
        with pytest.raises(Refused, match="your training"):
            access()

    def test_not_after_one_of_two_agreements_ended(self) -> None:
        """The other still opens the purpose."""
        town(**EMERGENCY)
        entry = {
            "from": ["north"],
            "recipients": ["harbor"],
            "reach": "all",
            "roles": ["case_worker"],
            **EMERGENCY,
        }
        casework = making.purpose("casework", "casework", "identified", **entry)
        making.in_effect(
            making.sharing(id="beside", purposes=[casework], schedule=[making.line("person.sex", "casework")])
        )
        kept = held("SELECT sex, first_name FROM person")
        assert access().release(kept, NAMES)
        agreements.terminate(id="beside", by=making.reader("officer@north.example"), reason="It is done.")
        with pytest.raises(Refused, match="Access changed since"):
            access().release(kept, NAMES)

    def test_not_by_another_reader_and_not_by_the_operator(self) -> None:
        town(**EMERGENCY)
        kept = held()
        for other in (making.reader("evaluator@hub.example"), OPERATOR):
            with pytest.raises(Refused):
                enter(actor=other, purpose="planning").release(kept, NAMES)
        assert not LedgerEntry.objects.filter(outcome="released").exists()

    def test_nothing_is_counted_in_a_transaction(self) -> None:
        from django.db import transaction

        town(**EMERGENCY)
        kept, standing = held(), access()
        with transaction.atomic():
            for act in (
                lambda: standing.hold(NAMES, most=9, rows=9, columns=9),
                lambda: standing.release(kept, NAMES),
            ):
                with pytest.raises(TransactionOpen):
                    act()


def test_the_digest_of_a_grant_is_of_its_whole_content() -> None:
    one = replace(grant(), roles=frozenset("abcdefgh"))
    assert digest(one) == digest(replace(one, roles=frozenset(reversed("abcdefgh"))))
    for change in ({"version": "v2"}, {"discloser": "south"}, {"records": (date(2026, 9, 1), None)}, {"population": ()}, {"roles": frozenset("a")}):  # fmt: skip
        assert digest(one) != digest(replace(one, **change))


def test_the_digest_of_a_grant_is_the_same_in_every_process() -> None:
    told = set()
    for seed in ("1", "2", "3"):
        code = (
            "import django; django.setup(); from dataclasses import replace; from tests.gate.test_grant_merging import grant; from throughway.gate.held_answer import digest;"
            "print(digest(replace(grant(), roles=frozenset('abcdefgh'))))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "throughway.site.settings"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        told.add(done.stdout)
    assert len(told) == 1

"""Requests to inspect and review (34 CFR 99.10): received, gathered through the gate, answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from throughway.agreements.document import OWN_RECORDS
from throughway.consent.actions import new_code, record
from throughway.consent.inspection import BEFORE_MEETING, Inspection, InspectionOutcome
from throughway.consent.limit import LimitKind, without_places
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.rights import inspections_of, limited
from throughway.core.refusals import Refused
from throughway.families.actions.requesters import (
    asker,
    check_client_asks,
    check_not_before,
    check_not_limited,
    own_entry,
    record_step,
)
from throughway.gate.actions import AmendmentStatement, enter
from throughway.partners.actor import Actor

FEES = "34 CFR 99.11"


@dataclass(frozen=True)
class RecordForInspection:
    """What is held of the student: rows by table, the ledger's entry of this reading, tables and elements left out because of a
    limit on who asks, and the family's statements."""

    tables: Mapping[str, pa.Table]
    disclosure: str
    left_out: tuple[str, ...]
    statements: tuple[AmendmentStatement, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {name: rows.num_rows for name, rows in sorted(self.tables.items())}


def ask_to_inspect(
    *,
    student: str,
    who: str,
    relation: str,
    identified: str,
    received: date,
    asked: str = "",
    meeting: date | None = None,
    by: Actor,
) -> Inspection:
    """Records a request; `student` is the partner's own key, `who` the name of the requester, or whom a representative
    stands for, which is sealed; `meeting`: the day of a meeting about the student's special education, before which the answer
    must come. Repeating an open request returns it."""
    if meeting is not None and meeting < received:
        raise Refused(
            "The meeting is before the day on which the request was received; give the next meeting, or leave it empty.",
            code="too_early",
            citations=[BEFORE_MEETING],
        )
    found = asker(
        student=student, who=who, relation=relation, identified=identified, received=received, by=by, represented=True
    )  # fmt: skip
    for each in inspections_of(found.partner):
        if each.open and (each.record, each.holder) == (found.record, found.holder):
            return each
    code = new_code()
    facts = {
        "holder": found.holder,
        "relation": found.relation,
        **({"meeting": str(meeting)} if meeting else {}),
    }
    record(
        about=RightsSubject.INSPECT, step="received", partner=found.partner, student=found.record, code=code, day=received, by=by,
        facts=facts, words={"identified": identified, "asked": asked},
    )  # fmt: skip
    return one(code, by)


def gather(*, code: str, by: Actor) -> RecordForInspection:
    """Reads the whole record through the gate, as the partner's own; each reading is an entry of the ledger, and the first is
    kept with the request."""
    found = one(code, by)
    if not found.open:
        raise Refused(
            f"The request {found.code} was answered on {found.answered}, so its record can no longer be gathered.",
            code="is_answered",
        )
    check_not_limited(limited(found.partner, found.record, found.holder, date.today()))
    check_client_asks(
        found.partner, found.relation
    )  # of a request made before the register said what the partner is
    whole = enter(actor=by, purpose=OWN_RECORDS).record_of(found.record)
    limit = limited(found.partner, found.record, found.holder, date.today(), LimitKind.CONTACT)
    tables, left_out = without_places(whole.tables) if limit else (whole.tables, ())
    made = RecordForInspection(tables, whole.disclosure, left_out, whole.statements)
    if found.gathered is None:
        record_step(
            RightsSubject.INSPECT, "gathered", found, by,
            facts={"counts": made.counts, "left_out": list(left_out), "disclosure": made.disclosure},
        )  # fmt: skip
    return made


def answer(*, code: str, how: str, on: date, copy_fee: str = "", note: str = "", by: Actor) -> Inspection:
    """Ends a request: how the record was shown, or that the request was withdrawn. Repeating it changes nothing."""
    found = one(code, by)
    try:
        outcome = InspectionOutcome(how)
    except ValueError:
        raise Refused(
            f"The outcome of a request is one of {', '.join(InspectionOutcome)}; choose one.", code="usage"
        ) from None
    if not found.open:
        if found.how is outcome:
            return found
        raise Refused(
            f"The request {found.code} was already answered on {found.answered}.", code="is_answered"
        )
    check_not_before(on, found.received, "The request cannot be answered")
    if outcome is not InspectionOutcome.WITHDRAWN and found.gathered is None:
        raise Refused(
            "The record for this request has not been gathered; gather it first, so that the ledger shows what the family saw.",
            code="not_gathered",
        )
    fee = _fee(copy_fee, outcome)
    record_step(
        RightsSubject.INSPECT, "answered", found, by, day=on,
        facts={"how": outcome.value, **({"copy_fee": fee} if fee else {})}, words={"note": note},
    )  # fmt: skip
    return one(code, by)


def one(code: str, by: Actor) -> Inspection:
    return own_entry(inspections_of(by.partner), code, by, "request")


def _fee(written: str, how: InspectionOutcome) -> str:
    if not written.strip():
        return ""
    try:
        fee = Decimal(written.strip().removeprefix("$"))
        if not fee.is_finite() or fee < 0 or how is not InspectionOutcome.COPY:
            raise InvalidOperation
    except InvalidOperation:
        raise Refused(
            "A fee is allowed only for copies, in dollars, and never for the search; write 0 or leave it out.",
            code="no_fee",
            citations=[FEES],
        ) from None
    return f"{fee:.2f}" if fee else ""

"""Requests to inspect and review (34 CFR 99.10): received, gathered through the gate, answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from throughway.agreements.document import OWN_RECORDS
from throughway.agreements.legal_review.rule_pack import inspection_terms
from throughway.agreements.selectors import added_rules
from throughway.consent.actions import new_code, record
from throughway.consent.amendment import Amendment
from throughway.consent.inspection import BEFORE_MEETING, NOTHING_SHOWN, Inspection, InspectionOutcome
from throughway.consent.limit import (
    GUARDIAN,
    GUARDIAN_NAMES,
    RESTRICTIONS,
    LimitKind,
    RightsLimit,
    without_places,
)
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.decisions import limits_on
from throughway.consent.selectors.rights import (
    inspections_of,
    limited,
    names_of_limited,
    records_with,
    signers,
)
from throughway.core.person_names import are_near, comparable_name
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
from throughway.gate.actions.limited_adults import look_at_adults
from throughway.partners.actor import Actor
from throughway.partners.selectors import partners

FEES = "34 CFR 99.11"


@dataclass(frozen=True)
class RecordForInspection:
    """What is held of the student: rows by table, the ledger's entry of this reading, tables and elements left out because of a
    limit on who asks, and the family's statements. `near`: the record itself limits contact of an adult of nearly that name."""

    tables: Mapping[str, pa.Table]
    disclosure: str
    left_out: tuple[str, ...]
    statements: tuple[AmendmentStatement, ...]
    near: bool = False

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
    must come. Repeating an open request returns it. A request of an adult whose rights an order took away is recorded too: it can only be
    withdrawn or end as `no_right`."""
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
    rules = inspection_terms(added_rules(), partners().get(found.partner))
    last = min((r.inspect_within.last_day(received) for r in rules if r.inspect_within), default=None)
    facts = {
        "holder": found.holder,
        "relation": found.relation,
        **({"by_rule": str(last)} if last else {}),
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
    asks = signers(found.partner).get((found.record, found.holder), "")
    named = _limited_in_record(whole.tables)
    # The record says which adults are kept away; it is not shown to one of them, also before the order is recorded here.
    kept = limit is not None or comparable_name(asks) in map(comparable_name, named)
    tables, left_out = without_places(whole.tables) if kept else (whole.tables, ())
    near = not kept and any(are_near(asks, name) for name in named)
    made = RecordForInspection(tables, whole.disclosure, left_out, whole.statements, near)
    if found.gathered is None:
        record_step(
            RightsSubject.INSPECT, "gathered", found, by,
            facts={"counts": made.counts, "left_out": list(left_out), "disclosure": made.disclosure},
        )  # fmt: skip
    return made


def _limited_in_record(tables: Mapping[str, pa.Table]) -> list[str]:
    """The names of the adults for whom the record itself says a limit on contact."""
    rows = tables[GUARDIAN].to_pylist() if GUARDIAN in tables else ()
    return [" ".join(str(row.get(n) or "") for n in GUARDIAN_NAMES) for row in rows if row.get(RESTRICTIONS)]


@dataclass(frozen=True)
class ComparedNames:
    """The name of who asks, and each adult of the student whom the partner's own orders limit, with the name."""

    requester: str
    adults: tuple[tuple[RightsLimit, str], ...]


def compare_names(*, code: str, by: Actor) -> ComparedNames:
    """For whoever must obey an order: the names to compare with the identification of who asks. The ledger records the look."""
    found = one(code, by)
    records = {found.record} | records_with(found.record)
    own = [each for each in limits_on(records, date.today()) if each.partner == found.partner]
    adults = look_at_adults(own, records=[found.record], by=by)
    requester = signers(found.partner).get((found.record, found.holder), "")
    return ComparedNames(requester, tuple(adults))


def others_limited(found: Inspection | Amendment, on: date) -> list[tuple[RightsLimit, bool]]:
    """The limits on other adults of the student, whoever recorded them; and whether the name of who asks is near that adult's, so that it
    may be the same person."""
    records = {found.record} | records_with(found.record)
    asks = signers(found.partner).get((found.record, found.holder), "")
    names = {each.code: written for each, written in names_of_limited(limits_on(records, on))}
    return [
        (each, are_near(asks, names.get(each.code, "")))
        for each in limits_on(records, on)
        if (each.record, each.holder) != (found.record, found.holder)
    ]


def answer(*, code: str, how: str, on: date, copy_fee: str = "", note: str = "", by: Actor) -> Inspection:
    """Ends a request: how the record was shown, that the request was withdrawn, or that who asked holds no right. Repeating it changes
    nothing."""
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
    if outcome not in NOTHING_SHOWN:
        check_not_limited(limited(found.partner, found.record, found.holder, on))
    if outcome not in NOTHING_SHOWN and found.gathered is None:
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

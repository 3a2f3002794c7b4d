"""Writes families' decisions, singly and from lists: each is an event, and none changes one. Forgets what is destroyed."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from django.db import transaction

from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.states import OVER
from throughway.consent.actions.events import new_code, turn
from throughway.consent.actions.papers import forget_papers
from throughway.consent.consent_file import (
    COLUMNS,
    ConsentFileRow,
    decision_of,
    fault,
    of_directory,
    read_consents,
)
from throughway.consent.enums import ConsentDecision
from throughway.consent.limit import CITATION as BY_ORDER
from throughway.consent.limit import LimitKind, stands
from throughway.consent.models import ConsentEvent, RightWords
from throughway.consent.notice import outside, unread
from throughway.consent.right_holders import may_sign
from throughway.consent.selectors.decisions import RecordedDecision, consents
from throughway.consent.selectors.rights import (
    SIGNERS,
    law_of_holder,
    limits_by_record,
    limits_of,
    notices_of,
    signers,
    transfers,
    windows_of,
)
from throughway.core.person_names import are_near, comparable_name
from throughway.core.personal_data import Gone
from throughway.core.refusals import Refused
from throughway.partners.actor import Actor
from throughway.partners.csv_lists import CsvRow
from throughway.partners.kinds import TIME_LIMITED
from throughway.partners.permissions import check_can_keep_registers
from throughway.partners.selectors import check_keeps, partners
from throughway.store import schemas
from throughway.store.actions.landing import NewFile, land
from throughway.store.actions.record_keys import number_keys
from throughway.store.selectors import snapshot

FORGOTTEN_AT_ONCE = 500  # databases bound the parameters of a statement
AT_ONCE = 2_000
Within = Callable[[str], None]
Numbered = Mapping[str, Mapping[str, int]]  # record numbers, by partner and key


def forget_words(gone: Gone) -> int:
    """Removes what people wrote about students whose data are destroyed; the events stay, under numbers that no longer identify
    anyone."""
    count = 0
    for partner, numbers in gone.records.items():
        records = sorted(numbers)
        for at in range(0, len(records), FORGOTTEN_AT_ONCE):
            some = records[at : at + FORGOTTEN_AT_ONCE]
            count += RightWords.objects.filter(event__partner=partner, event__record__in=some).delete()[0]
    return count


@dataclass(frozen=True)
class ConsentImportCounts:
    """`new` and `unchanged` decisions; `unchecked`: new ones where the records here do not show whether the signer held the
    right, so that the signer's word is taken; `late`: new opt-outs after the window of the notice, which ended on `closed` (34
    CFR 99.37(a)(3)); they are recorded all the same. `near`: lines with a new yes of somebody whose name is nearly that of an adult whom
    an order limits; they count, unless it is the same adult."""

    new: int
    unchanged: int
    unchecked: int
    late: int = 0
    closed: date | None = None
    near: tuple[int, ...] = ()


def add(*, path: Path, by: Actor) -> ConsentImportCounts:
    """Adds the decisions of a CSV (`consent_file.COLUMNS`): all of them, or none if a line is wrong. Repeating a line changes
    nothing, also after its decision was withdrawn. A student may be named before any record of theirs has been loaded.
    """
    check_can_keep_registers(by)
    return _add(read_consents(path, date.today()), by)


def decide(*, cells: Mapping[str, str], by: Actor, within: Within = lambda code: None) -> ConsentImportCounts:
    """Adds one decision; `cells` as in a line of the CSV. Repeating it changes nothing. `within(code of the decision)` runs in the
    transaction that writes it; where it refuses, nothing is written."""
    check_can_keep_registers(by)
    return _add([_one_line(cells)], by, within=within)


def record_refusal(
    *, cells: Mapping[str, str], records: Collection[int], by: Actor, within: Within = lambda code: None
) -> None:
    """Adds a *no* about these record numbers of one student, in place of a key; `cells` and `within` as in `decide`. Anybody may record
    it whom the caller has found to be allowed to open the student: a no only closes. Without numbers only `within` runs, with an empty
    code."""
    line = _one_line(dict(cells) | {"record_key": "the student", "decision": ConsentDecision.NO.value})
    rows = [replace(line, key=str(number)) for number in sorted(records)]
    if not rows:
        _check_named([line])
        with turn(), transaction.atomic():
            within("")
        return
    _add(rows, by, numbers={line.partner: {str(number): number for number in records}}, within=within)


def _one_line(cells: Mapping[str, str]) -> ConsentFileRow:
    line = CsvRow(1, {name: cells.get(name, "").strip() for name in COLUMNS}, "The decision")
    return decision_of(line, date.today())


def _add(
    rows: Sequence[ConsentFileRow],
    by: Actor,
    *,
    numbers: Numbered | None = None,
    within: Within | None = None,
) -> ConsentImportCounts:
    """`numbers`: record numbers by partner and key, where the caller knows them and has decided who may record."""
    _check_named(rows)
    for partner in {each.partner for each in rows} if numbers is None else ():
        check_keeps(by, partner)
    with turn():
        if numbers is None:
            numbers = {
                partner: number_keys(partner=partner, keys={s.key for s in of_one}, agreements=sorted({s.agreement for s in of_one}), by=by)
                for partner, of_one in _by_partner(rows).items()
            }  # fmt: skip
        new, near = _new_events(rows, numbers, by)
        _write(new, by, lambda: within(_code_of(rows[0], numbers, new)) if within else None)
    shut = [w for event, _ in new if (w := _closed_window(event)) is not None]
    return ConsentImportCounts(
        len(new),
        len(rows) - len(new),
        sum(not e.right_checked for e, _ in new),
        len(shut),
        max(shut, default=None),
        near,
    )


def _code_of(row: ConsentFileRow, numbers: Numbered, new: Sequence["New"]) -> str:
    """The code of the decision of a line: a new one, or the one that was recorded before."""
    if new:
        return new[0][0].code
    recorded = ConsentEvent.objects.filter(
        partner=row.partner, record=numbers[row.partner][row.key], agreement=row.agreement, purpose=row.purpose,
        decision=row.decision.value, signed_on=row.signed_on,
    )  # fmt: skip
    return recorded.latest("id").code


def withdraw(*, id: str, by: Actor) -> RecordedDecision:
    """Withdraws a consent, from today on; repeating it changes nothing. Refused where no consent has that id."""
    check_can_keep_registers(by)
    return _withdraw(id, by, lambda partner: check_keeps(by, partner))


def withdraw_as_heard(*, id: str, by: Actor, within: Callable[[], None] = lambda: None) -> RecordedDecision:
    """The same, recorded by somebody whom the family told it, and whom the caller has found to be allowed to open the student: a
    withdrawal only closes. `within` runs in its transaction."""
    return _withdraw(id, by, lambda partner: within())


def _withdraw(id: str, by: Actor, check: Callable[[str], None]) -> RecordedDecision:
    with turn(), transaction.atomic():
        given = ConsentEvent.objects.filter(code=id.strip().upper()).first()
        if given is None:
            raise Refused("No consent has that id; see `throughway consent list`.", code="unknown_consent")
        if given.decision != ConsentDecision.YES:
            raise Refused(
                f"{given.code} is a refusal or a withdrawal, not a consent, so there is nothing to withdraw.",
                code="no_consent",
            )
        check(given.partner)
        of_student = ConsentEvent.objects.filter(partner=given.partner, record=given.record)
        done = of_student.filter(withdraws=given.code).first()
        if done is None:
            done = ConsentEvent.objects.create(
                code=new_code(), partner=given.partner, record=given.record, agreement=given.agreement,
                purpose=given.purpose, decision=ConsentDecision.WITHDRAWN.value, holder=given.holder, relation=given.relation,
                right_checked=given.right_checked, signed_on=date.today(), withdraws=given.code, at=datetime.now(UTC),
                by=by.email,
            )  # fmt: skip
        decisions = consents(partner=done.partner, records=[done.record])
        return next(decision for decision in decisions if decision.id == done.code)


def forget(gone: Gone) -> Mapping[str, int]:
    """Removes the decisions under a destroyed agreement, and those about students whose data are gone. A consent is the
    evidence that a disclosure was lawful, in place of a log entry (34 CFR 99.32(d)(3)): the discloser receives it before, and
    the platform keeps no second copy.
    """
    count = 0
    if gone.agreement is not None:
        count += ConsentEvent.objects.filter(agreement=gone.agreement).delete()[0]
    for partner, numbers in gone.records.items():
        records = sorted(numbers)
        for at in range(0, len(records), FORGOTTEN_AT_ONCE):
            some = records[at : at + FORGOTTEN_AT_ONCE]
            count += ConsentEvent.objects.filter(partner=partner, record__in=some).delete()[0]
    return {
        "decisions of families": count,
        "words about families' rights": forget_words(gone),
        "signed consent forms": forget_papers(gone),
    }


def _by_partner(rows: Sequence[ConsentFileRow]) -> Mapping[str, list[ConsentFileRow]]:
    found: dict[str, list[ConsentFileRow]] = defaultdict(list)
    for each in rows:
        found[each.partner].append(each)
    return found


def _check_named(rows: Iterable[ConsentFileRow]) -> None:
    """Checks that partner and agreement are known, that the purpose depends on a choice, and that a consent names a recorded notice."""
    given = notices_of()
    known, all_standings = partners(), {s.document.id: s for s in agreement_statuses(date.today())}
    for each in rows:
        if each.partner not in known:
            raise each.line.wrong(
                "names a partner who is not in the register; see `throughway partner list`",
                code="unknown_partner",
            )
        if each.agreement not in all_standings:
            raise each.line.wrong(
                "names an agreement that does not exist; see `throughway agreement list`",
                code="unknown_agreement",
            )
        limited = next(
            (law for status, law in TIME_LIMITED.items() if status in known[each.partner].legal), ""
        )
        if limited and each.decision is ConsentDecision.YES and each.expires is None:
            raise each.line.wrong(
                f"has no last day (expires), which consent to disclose records of {each.partner} must have",
                code="no_last_day",
                citations=[limited],
            )
        agreement = all_standings[each.agreement]
        if agreement.state in OVER:
            raise each.line.wrong(f"names {each.agreement}, which has ended", code="is_terminated")
        wrong = fault(agreement.document, each.partner, each.purpose)
        if wrong:
            raise each.line.wrong(wrong, code="nothing_to_choose", citations=["34 CFR 99.30(b)"])
        wrong = (
            unread(given, each.partner, each.agreement, each.notice_version, each.language)
            if each.decision is ConsentDecision.YES
            else ""
        )
        if wrong:
            raise each.line.wrong(wrong, code="no_notice", citations=["34 CFR 99.30(a)"])


def _closed_window(event: ConsentEvent) -> date | None:
    """The last day of the window that an opt-out missed."""
    if event.decision == ConsentDecision.YES:
        return None
    agreement = next(s.document for s in agreement_statuses(date.today()) if s.document.id == event.agreement)
    if not of_directory(agreement, event.partner, event.purpose):
        return None
    missed = outside(windows_of(event.partner), event.partner, event.signed_on)
    return missed.closes if missed else None


New = tuple[ConsentEvent, str]  # with the signer's name


def _new_events(
    rows: Sequence[ConsentFileRow], numbers: Numbered, by: Actor
) -> tuple[list[New], tuple[int, ...]]:
    """The decisions that are new; and the lines of those whose signer may be an adult whom an order limits."""
    now, near = datetime.now(UTC), []
    recorded, made = _Recorded(_by_partner(rows)), []
    for each in rows:
        record = numbers[each.partner][each.key]
        holder = recorded.holder(each.partner, record, each.signer)
        recorded.check_limit(each, record, holder)
        checked = recorded.check_right(each, record)
        identity = (each.agreement, each.purpose, each.decision, each.signed_on)
        if each.decision is ConsentDecision.WITHDRAWN and not recorded.gave(each, record, holder):
            raise each.line.wrong(
                "withdraws a consent that this signer never gave; write `no` to record a refusal",
                code="never_given",
            )
        if recorded.known(each.partner, record, holder, identity):
            continue
        event = ConsentEvent(
            code=new_code(), partner=each.partner, record=record, agreement=each.agreement, purpose=each.purpose,
            decision=each.decision.value, holder=holder, relation=each.relation, right_checked=checked,
            signed_on=each.signed_on, method=each.method, language=each.language, notice_version=each.notice_version,
            expires=each.expires, at=now, by=by.email,
        )  # fmt: skip
        made.append((event, each.signer))
        if recorded.may_be_limited(each, record):
            near.append(each.line.number)
    return made, tuple(near)


Identity = tuple[str, str, ConsentDecision, date]


class _Recorded:
    """What is recorded of the partners' students, together with the lines of this file so far."""

    def __init__(self, of_partners: Iterable[str]) -> None:
        partners = sorted(of_partners)
        with snapshot() as stored:
            self._rights = {partner: transfers(stored, partner) for partner in partners}
        self._holders: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
        self._said: dict[tuple[str, int, int], set[Identity]] = defaultdict(set)
        self._last: dict[tuple[str, int], int] = defaultdict(int)
        self._limits = {partner: limits_of(partner) for partner in partners}
        self._by_name = limits_by_record(x for x in limits_of() if x.kind is LimitKind.RIGHTS)
        for partner in partners:
            for (record, holder), name in signers(partner).items():
                self._holders[partner, record].setdefault(comparable_name(name), holder)
                self._last[partner, record] = max(self._last[partner, record], holder)
            for c in consents(partner=partner):
                self._said[partner, c.record, c.holder].add((c.agreement, c.purpose, c.decision, c.signed_on))
                self._last[partner, c.record] = max(self._last[partner, c.record], c.holder)

    def holder(self, partner: str, record: int, signer: str) -> int:
        """The number of the signer within the record; the same name, however it is typed, is the same person."""
        of_record = self._holders[partner, record]
        name = comparable_name(signer)
        if name not in of_record:
            self._last[partner, record] = of_record[name] = self._last[partner, record] + 1
        return of_record[name]

    def check_limit(self, row: ConsentFileRow, record: int, holder: int) -> None:
        """Refused where an order limits the signer's rights: the signature has no effect (G22)."""
        of_record = [x for x in self._limits[row.partner] if x.record == record]
        found = stands(of_record, holder, row.signed_on)
        if found is None and row.decision is ConsentDecision.YES:  # a refusal by either parent counts
            of_student = self._by_name.get(record, ())
            found = next(
                (x for name, x in of_student if name == comparable_name(row.signer) and x.on(row.signed_on)),
                None,
            )
        if found is not None:
            raise row.line.wrong(
                f"is signed by an adult whose rights an order took away on {found.since} (limit {found.code}); another parent or the "
                "student must sign, or the limit must be lifted first",
                code="no_right",
                citations=[BY_ORDER],
            )

    def may_be_limited(self, row: ConsentFileRow, record: int) -> bool:
        """Whether a yes is signed with nearly the name of an adult whom an order limits: a warning, since father and son may be so named."""
        return row.decision is ConsentDecision.YES and any(
            limit.on(row.signed_on) and are_near(name, row.signer)
            for name, limit in self._by_name.get(record, ())
        )

    def check_right(self, row: ConsentFileRow, record: int) -> bool:
        """Whether the records here show that the signer held the right that day. Refused where they show the contrary."""
        after, by = (int(day[0]) for day in self._rights[row.partner].of(np.array([record], dtype=np.int64)))
        held = may_sign(student=row.student, on=row.signed_on, after=after, by=by)
        if held is False and row.decision is not ConsentDecision.WITHDRAWN:
            other = "a parent" if row.student else "the student"
            raise row.line.wrong(
                f"is signed by a person who did not hold the right on that day; {other} held it and must sign",
                code="no_right",
                citations=[law_of_holder(row.partner)],
            )
        return held is not None

    def gave(self, row: ConsentFileRow, record: int, holder: int) -> bool:
        return any(
            agreement == row.agreement and decision is ConsentDecision.YES and signed_on <= row.signed_on
            for agreement, _, decision, signed_on in self._said[row.partner, record, holder]
        )

    def known(self, partner: str, record: int, holder: int, identity: Identity) -> bool:
        """Whether this decision was recorded before; remembers it."""
        known = self._said[partner, record, holder]
        if identity in known:
            return True
        known.add(identity)
        return False


def _write(new: Sequence[New], by: Actor, within: Callable[[], None]) -> None:
    """Stores the names in the vault and the events in the database, in one transaction; `within` runs in it."""
    if not new:
        with transaction.atomic():
            within()
        return
    files = []
    by_file: dict[tuple[str, str], list[New]] = defaultdict(list)
    for event, signer in new:
        by_file[event.partner, event.agreement].append((event, signer))
    for (partner, agreement), of_one in sorted(by_file.items()):
        rows = {(event.record, event.holder): signer for event, signer in of_one}
        table = pa.table(
            {
                "record": [r for r, _ in rows],
                "holder": [h for _, h in rows],
                "signer": list(rows.values()),
            },
            schema=schemas.schema(SIGNERS),
        )
        files.append(
            NewFile(table=SIGNERS, partner=partner, school_year=0, arrow=table, agreements=(agreement,))
        )

    def events() -> None:
        ConsentEvent.objects.bulk_create((event for event, _ in new), batch_size=AT_ONCE)
        within()

    land(batch="consent", files=files, by=by, within=events)

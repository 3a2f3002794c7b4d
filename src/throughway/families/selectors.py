"""What the pages, the command line and the open steps ask about families' requests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.states import OVER
from throughway.consent.amendment import Amendment, AmendmentState
from throughway.consent.answer_history import (
    TAGS,
    AnswerLine,
    DecidedLine,
    answer_lines,
    newest_about,
    signer_words,
)
from throughway.consent.consent_file import CONSENT, choosable
from throughway.consent.enums import ANY, ConsentDecision
from throughway.consent.form_translation import TRANSLATED, FormTranslation, form_parts, newest
from throughway.consent.limit import RightsLimit
from throughway.consent.selectors.decisions import (
    Lapsed,
    RecordedDecision,
    consents,
    in_force,
    lapsed_custody,
)
from throughway.consent.selectors.rights import (
    amendments_of,
    forms_by_consent,
    incidents_of,
    inspections_of,
    limits_of,
    notices_of,
    same_adults,
    signed_forms_of,
    translations_of,
)
from throughway.consent.sent_form import OPEN, FormState, SentForm
from throughway.core.prose import day
from throughway.families.actions.answers import forms_of, languages_without_words
from throughway.families.actions.asking import Ask, open_student, student_name
from throughway.families.actions.requesters import check_may
from throughway.gate.actions import AmendmentStatement
from throughway.gate.actions.person_records import whose_records
from throughway.ledger.actions.student_disclosures import numbers_of_key
from throughway.partners.actor import CUSTODIANS, OFFICERS, Actor
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import partner_names

STEP_TITLES = {
    AmendmentState.RECEIVED: "Decide a request to amend a record",
    AmendmentState.HEARING_ASKED: "Set the hearing that a family asked for",
    AmendmentState.HEARING_SET: "Hold the hearing",
    AmendmentState.HEARD: "Write the decision after a hearing",
    AmendmentState.AMENDING: "Correct the record",
}


def corrections(partner: str) -> list[Amendment]:
    """Amendments of others that have to reach the partner."""
    return [a for a in amendments_of() if any(r.partner == partner for r in a.recipients)]


@dataclass(frozen=True)
class Choice:
    """A purpose of an agreement that rests on a family's choice about the partner's records. `words`: for a list."""

    agreement: str
    purpose: str
    words: str

    @property
    def value(self) -> str:
        return f"{self.agreement} {self.purpose}"


def choices(partner: str, on: date) -> list[Choice]:
    """What families can decide on about the partner's records: of each agreement, all of it first."""
    found = []
    for standing in agreement_statuses(on):
        document = standing.document
        purposes = choosable(document, partner) if standing.state not in OVER else frozenset()
        said = {
            entry.id: entry.interest for entry in document.purposes if partner in document.disclosers(entry)
        }
        if purposes:
            found.append(Choice(document.id, ANY, f"{document.title}: all of it"))
        found += [Choice(document.id, p, f"{document.title}: {said[p]}") for p in sorted(purposes)]
    return found


@dataclass(frozen=True)
class FormWords:
    """The words of one agreement's consent forms in one language. `approved`: those of the text of today, None where there are none yet;
    `earlier`: the last of an earlier text, to begin from."""

    document: AgreementDocument
    version: str
    language: str
    parts: Mapping[str, str]
    approved: FormTranslation | None
    earlier: FormTranslation | None

    @property
    def name(self) -> str:
        return TRANSLATED[self.language]


def form_words_of(partner: str, on: date) -> list[FormWords]:
    """Of each agreement that asks families about the partner's records, in each language in which forms are printed."""
    statuses = [s for s in agreement_statuses(on) if s.state not in OVER]
    asking = [
        (s.document, purposes) for s in statuses if (purposes := choosable(s.document, partner, CONSENT))
    ]
    approved = translations_of(partner) if asking else []
    found = []
    for document, purposes in asking:
        version, parts = version_of(document), form_parts(document, partner, purposes)
        for language in TRANSLATED:
            own = [t for t in approved if (t.agreement, t.language) == (document.id, language)]
            now = newest(own, version=version, language=language, parts=parts)
            found.append(FormWords(document, version, language, parts, now, own[-1] if own else None))
    return found


@dataclass(frozen=True)
class ShownDecision:
    """A decision for the register. `about`: in words; `in_force`: a consent that counts today; `form`: the code of the signed form that
    it rests on, if any."""

    decision: RecordedDecision
    about: str
    in_force: bool
    tag: tuple[str, str]
    form: str = ""


def decisions_about(student: str, by: Actor, on: date) -> list[ShownDecision]:
    """What was decided about the records that the actor's partner keeps of the student, newest first; `student`: its own key. Refused
    (unknown) where it keeps none, and to whoever does not answer families."""
    partner = check_may(by)
    (record,) = numbers_of_key(student, partner=partner, by=by)
    recorded = consents(partner=partner, records=[record])
    standing = in_force(recorded, on)
    words = {choice.value: choice.words for choice in choices(partner, on)}
    withdrawn = {each.withdraws for each in recorded if each.withdraws}
    forms = forms_by_consent(record)
    return [
        ShownDecision(
            each, words.get(f"{each.agreement} {each.purpose}", each.agreement), each.id in standing,
            _decision_tag(each, each.id in standing, each.id in withdrawn), forms.get(each.id, ""),
        )
        for each in reversed(recorded)
    ]  # fmt: skip


def decisions_of_limited(limit: RightsLimit, on: date) -> list[tuple[str, RecordedDecision]]:
    """What the adult whom an order limits had decided on that record, newest first, each with what it was about in words; also under the
    same name typed otherwise."""
    known = consents(partner=limit.partner, records=[limit.record])
    same = same_adults([limit], limit.partner) | {(limit.record, limit.holder)} if known else ()
    own = [each for each in reversed(known) if (each.record, each.holder) in same]
    words = {choice.value: choice.words for choice in choices(limit.partner, on)} if own else {}
    return [(words.get(f"{each.agreement} {each.purpose}", each.agreement), each) for each in own]


def limits_about(student: str, by: Actor) -> list[RightsLimit]:
    """The limits that the actor's partner recorded on adults of the student, newest first; `student`: its own key. Refused (unknown)
    where it keeps no record of the student, and to whoever does not answer families."""
    partner = check_may(by)
    (record,) = numbers_of_key(student, partner=partner, by=by)
    return limits_of(partner, record)[::-1]


def _decision_tag(decision: RecordedDecision, stands: bool, withdrawn: bool) -> tuple[str, str]:
    if decision.decision is ConsentDecision.YES:
        if stands:
            return "ok", f"yes, until {day(decision.expires)}" if decision.expires else "yes"
        return "past", "yes, taken back" if withdrawn else "yes, no longer in force"
    return "stop", "taken back" if decision.decision is ConsentDecision.WITHDRAWN else "no"


ENDED = ("past", "has ended")  # the tag of a yes whose last day has passed


@dataclass(frozen=True)
class ShownAsk:
    """One consent that a family is asked for. `whose`: the discloser's name; `form`: the form sent last; `consents`: those in force, each
    with its words; `without_form`: languages in which no form of it is printed, because its purpose has no text in them."""

    ask: Ask
    whose: str
    tag: tuple[str, str]
    form: SentForm | None
    consents: Sequence[tuple[str, str]]
    without_form: Sequence[str] = ()

    @property
    def printable(self) -> bool:
        return self.form is not None and self.form.state in (FormState.SENT, FormState.RETURNED)


@dataclass(frozen=True)
class AnswerPage:
    """A case worker's page of one student's family. `name`: the student, as far as the agreement shows it; `apart`: names of disclosers
    that need a form of their own."""

    person: int
    name: str
    asks: Sequence[ShownAsk]
    apart: Sequence[str]
    lines: Sequence[AnswerLine]
    statements: Sequence[AmendmentStatement]

    @property
    def ended(self) -> list[str]:
        """The asks whose yes has ended: of these the family is asked again."""
        return [each.ask.value for each in self.asks if each.tag == ENDED]

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [
            (each.ask.value, f"Records of {each.whose}: {each.ask.interest or each.ask.title}")
            for each in self.asks
        ]


def answers_about(person: int, by: Actor) -> AnswerPage:
    """Refused (unknown_student) where the student is not open to the worker now."""
    student = open_student(person=person, by=by)
    names, today = partner_names(), date.today()
    forms = forms_of(student, by)
    asked = {(a.agreement, a.partner) for a in student.asks}
    known = [
        c
        for c in consents(records=student.records, disclosers={of for _, of in asked})
        if (c.agreement, c.partner) in asked
    ]
    standing = in_force(known, today)
    lines = [DecidedLine(c.id, c.partner, c.decision, c.relation, c.signed_on) for c in known]
    name, said = student_name(student)
    lacking = languages_without_words(student.asks)
    return AnswerPage(
        person=person,
        name=name,
        asks=[
            replace(
                _shown_ask(a, names.get(a.partner, a.partner), forms, known, standing),
                without_form=lacking[a],
            )
            for a in student.asks
        ],
        apart=[names.get(id, id) for id in student.apart],
        lines=answer_lines(forms, lines, names),
        statements=said,
    )


def _shown_ask(
    ask: Ask,
    whose: str,
    forms: Sequence[SentForm],
    known: Sequence[RecordedDecision],
    standing: Collection[str],
) -> ShownAsk:
    about = [
        c
        for c in known
        if (c.agreement, c.partner) == (ask.agreement, ask.partner)
        and (ANY in (c.purpose, ask.purpose) or c.purpose == ask.purpose)
    ]
    # A signer's withdrawal counts against all that the signer gave, so the last of each signer is enough.
    given = list({(c.record, c.holder): c for c in about if c.id in standing}.values())
    form = newest_about(forms, ask.agreement, ask.purpose, ask.partner)
    if given:
        tag = ("ok", "yes")
    elif form is not None and form.state in OPEN:
        tag = TAGS[form.state]
    elif about or form is not None:
        tag = ("stop", "no") if not about or about[-1].decision is not ConsentDecision.YES else ENDED
    else:
        tag = ("tip", "not asked")
    return ShownAsk(ask, whose, tag, form, [(c.id, _consent_words(c)) for c in given])


def _consent_words(consent: RecordedDecision) -> str:
    until = f" It ends on {day(consent.expires)}." if consent.expires else ""
    return f"Signed by {signer_words(consent.relation)} on {day(consent.signed_on)}.{until}"


def form_words(form: SentForm) -> str:
    """What a form asks for, in the words of the agreement."""
    of = next(
        (c for c in choices(form.partner, date.today()) if c.value == f"{form.agreement} {form.purpose}"),
        None,
    )
    return of.words if of else form.agreement


def words_to_write(on: date) -> list[tuple[str, str, str, date]]:
    """(partner, agreement, language, first day) of the forms that are not printed for want of words, where the partner gives families its
    notice in that language."""
    given = {(n.partner, n.agreement, language) for n in notices_of() for language in n.languages}
    return [
        (partner, each.document.id, each.language, each.document.terms.effective)
        for partner in sorted({partner for partner, _, _ in given})
        for each in form_words_of(partner, on)
        if each.approved is None and (partner, each.document.id, each.language) in given
    ]


def removals(on: date) -> list[Lapsed]:
    """Rows that are here by a consent to custody that was withdrawn or has ended."""
    found = lapsed_custody(on)
    here = {
        p: whose_records(p, {x.record for x in found if x.partner == p}) for p in {x.partner for x in found}
    }
    return [each for each in found if each.record in here[each.partner]]


def open_steps(on: date) -> list[OpenStep]:
    """What waits for somebody: requests, corrections that have to reach a recipient, incidents, rows to be removed."""
    steps = [
        OpenStep("answer a family", "Answer a request to inspect a record", i.partner, OFFICERS, i.received, i.due, "families:inspection", (i.code,))
        for i in inspections_of()
        if i.open
    ]  # fmt: skip
    for a in amendments_of():
        if a.due is not None and a.state in STEP_TITLES:
            steps.append(
                OpenStep(
                    "answer a family",
                    STEP_TITLES[a.state],
                    a.partner,
                    OFFICERS,
                    a.since,
                    a.due,
                    "families:amendment",
                    (a.code,),
                )
            )
        steps += [
            OpenStep("correct", "Correct your copy of an amended record", r.partner, CUSTODIANS, a.corrected or a.since, r.due,
                     "families:correction", (a.code,))
            for r in a.recipients
            if r.confirmed is None
        ]  # fmt: skip
    steps += [
        OpenStep("answer a family", "Compare a signed consent form with the record", f.partner, OFFICERS, f.since, f.due,
                 "families:signed_form", (f.code,), f.agreement)
        for f in signed_forms_of()
    ]  # fmt: skip
    steps += [
        OpenStep("answer a family", f"Write the {TRANSLATED[language]} words of a consent form", partner, OFFICERS,
                 min(effective, on), None, "families:form_words", (agreement, language), agreement)
        for partner, agreement, language, effective in words_to_write(on)
    ]  # fmt: skip
    steps += [
        OpenStep("tell of an incident", "Notify the parties of an incident", i.partner, OFFICERS, i.known.date(), c.due.date(),
                 "families:incident", (i.code,), c.agreement)
        for i in incidents_of()
        for c in i.clocks
        if c.notified is None and i.open
    ]  # fmt: skip
    steps += [
        OpenStep("remove", "Remove rows whose consent has ended", steward, OFFICERS, r.ended, r.due,
                 "destruction:order", ("consent", r.id), r.agreement)
        for r in removals(on)
        for steward in r.stewards
    ]  # fmt: skip
    return steps


def due(on: date) -> list[str]:
    """What is overdue, one sentence each."""
    late = [
        f"The request to inspect {i.code} at {i.partner} should have been answered by {i.due}."
        for i in inspections_of()
        if i.open and i.due < on
    ]
    late += [
        f"The next step of the request to amend {a.code} at {a.partner} was due by {a.due}."
        for a in amendments_of()
        if a.due and a.due < on
    ]
    late += [
        f"{r.partner} should have corrected its copy of an amended record by {r.due} ({a.code})."
        for a in amendments_of()
        for r in a.recipients
        if r.confirmed is None and r.due < on
    ]
    late += [
        f"{f.partner} should have compared the signed consent form {f.code} with its record by {f.due}."
        for f in signed_forms_of()
        if f.due and f.due < on
    ]
    now = datetime.combine(on, time.min, UTC)
    late += [
        f"The parties to {c.agreement} should have been notified of the incident {i.code} by {c.due:%Y-%m-%d %H:%M}."
        for i in incidents_of()
        if i.open
        for c in i.clocks
        if c.notified is None and c.due < now
    ]
    late += [
        f"Rows of a student of {r.partner} rest on a consent under {r.agreement} that ended on {r.ended}; they were to be removed by "
        f"{r.due}: throughway destroy --consent {r.id}"
        for r in removals(on) if r.due < on
    ]  # fmt: skip
    return late

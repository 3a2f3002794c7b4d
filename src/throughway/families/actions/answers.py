"""Consent forms and what families answer: sent, signed, compared with the record and confirmed; a no and a withdrawal at once
(34 CFR 99.30)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction

from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.selectors import agreement_statuses
from throughway.consent.actions import (
    decide,
    new_code,
    record,
    record_refusal,
    turn,
    withdraw_as_heard,
)
from throughway.consent.actions.papers import OpenedPaper, discard, keep, kept_form_of, opened, settle
from throughway.consent.enums import ANY, RELATIONS, ConsentDecision
from throughway.consent.form_translation import (
    LANGUAGES,
    SIGNED_IN,
    TRANSLATED,
    form_parts,
    newest,
    no_words,
)
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.decisions import RecordedDecision, consents, in_force
from throughway.consent.selectors.rights import notices_of, sent_forms_of, translations_of
from throughway.consent.sent_form import (
    OPEN,
    FormState,
    HowSaid,
    HowSent,
    SentForm,
    WhyReturned,
    check_not_by_word,
)
from throughway.core.refusals import Refused
from throughway.families.actions.asking import Ask, OpenStudent, check_may_ask, open_student
from throughway.families.actions.requesters import check_may, check_said
from throughway.gate.actions.person_records import persons_of
from throughway.ledger import recording
from throughway.ledger.actions.student_disclosures import LOOK, numbers_of_key
from throughway.ledger.entry import LOOKED, Entry
from throughway.partners.actor import Actor

INTEREST = "To compare a signed consent form with the record"


def send_form(*, person: int, about: str, language: str, how: str, by: Actor) -> SentForm:
    """Records that the family is given a form, and returns it with its code. `about`: an `Ask.value`."""
    student = open_student(person=person, by=by)
    ask = student.ask(about)
    if language not in LANGUAGES:
        raise Refused("The form is in English or Spanish; choose one.", code="usage")
    code = _record_form(student, ask, FormState.SENT, language, HowSent(how).value, by)
    return next(iter(sent_forms_of(code=code)))


def _record_form(student: OpenStudent, ask: Ask, step: FormState, language: str, how: str, by: Actor) -> str:
    """The first event of a form, or (without a language) of a no that no form preceded; returns its code."""
    document = _document(ask.agreement)
    code = new_code()
    record(
        about=RightsSubject.FORM, step=step, partner=ask.partner, student=student.anchor(by), code=code,
        other=ask.agreement, by=by,
        facts={
            "purpose": ask.purpose, "sender": by.partner, "language": language, "how": how,
            "until": document.terms.expires.isoformat(), "version": version_of(document),
            "notice": _notice(ask, document, language) if language else "",
            "translation": _translation(ask, document, language),
        },
    )  # fmt: skip
    return code


def _translation(ask: Ask, document: AgreementDocument, language: str) -> str:
    """The code of the words in the family's language; empty in the language that was signed. Refused where there are none."""
    if language in ("", SIGNED_IN):
        return ""
    found = newest(
        translations_of(ask.partner, ask.agreement),
        version=version_of(document),
        language=language,
        parts=form_parts(document, ask.partner, (ask.purpose,)),
    )
    if found is None:
        raise no_words(ask.partner, language)
    return found.code


def languages_without_words(asks: Iterable[Ask]) -> Mapping[Ask, tuple[str, ...]]:
    """By consent that a family is asked for, the names of the languages in which no form of it is printed yet."""
    documents = {s.document.id: s.document for s in agreement_statuses(date.today())}
    approved = translations_of()
    found: dict[Ask, tuple[str, ...]] = {}
    for ask in asks:
        document = documents[ask.agreement]
        own = [t for t in approved if (t.partner, t.agreement) == (ask.partner, ask.agreement)]
        parts = form_parts(document, ask.partner, (ask.purpose,))
        found[ask] = tuple(
            name
            for language, name in TRANSLATED.items()
            if newest(own, version=version_of(document), language=language, parts=parts) is None
        )
    return found


def _notice(ask: Ask, document: AgreementDocument, language: str) -> str:
    """The version of the notice that goes with the form: the discloser's latest in that language; of a discloser that recorded none,
    the form itself is the notice."""
    own = [n for n in notices_of(ask.partner) if n.agreement == ask.agreement]
    if not own:
        return f"form {version_of(document)[:12]}"
    found = [n.version for n in own if language in n.languages]
    if not found:
        raise Refused(
            f"{ask.partner} has no notice in {LANGUAGES[language]} for this agreement; ask its privacy officer to record one, or choose"
            " the other language if the family reads it.",
            code="no_notice",
            citations=["34 CFR 99.30(a)"],
        )
    return max(found)


def record_signed(
    *, person: int, code: str, signer: str, relation: str, signed_on: date, paper: bytes, by: Actor
) -> SentForm:
    """Keeps the paper of a form that came back signed; the yes waits for the discloser. Refused, with nothing kept, where the code is no
    open form of this student, the file is no picture or PDF, or the day cannot be. Whether the signer holds the right is
    judged at the confirmation: the answer would tell the worker that the discloser has a record of the student."""
    student = open_student(person=person, by=by)
    form = _of_student(student, code, by)
    form.check_step(FormState.SIGNED)
    form.check_version(version_of(_document(form.agreement)))
    form.check_readable()
    if relation not in RELATIONS:
        raise Refused("Choose who signed: a parent, a guardian or the student.", code="no_right")
    check_said(signer, "Give the name of who signed, as it is on the paper; it is kept sealed.")
    form.check_signed_on(signed_on, date.today())
    kind, content = kept_form_of(paper)
    attempt = form.attempt + 1
    with turn(), transaction.atomic():
        _again(form).check_step(FormState.SIGNED)
        _step(
            form,
            FormState.SIGNED,
            by,
            other=str(attempt),
            facts={"relation": relation, "signed_on": signed_on.isoformat()},
        )
        keep(form=form, attempt=attempt, kind=kind, content=content, signer=" ".join(signer.split()), by=by)
    return _again(form)


def record_said(
    *, person: int, about: str, decision: str, how: str, signer: str, relation: str, by: Actor
) -> None:
    """Records what the family said without a form: a no, which counts at once, also against forms that are still out. Refused for a
    yes, which needs the paper. A no of somebody whose right the discloser's record denies is kept with the answers alone: a refusal
    would tell the worker what that record says."""
    student = open_student(person=person, by=by)
    ask = student.ask(about)
    check_not_by_word(ConsentDecision(decision))
    said = HowSaid(how).value
    cells = {
        "partner": ask.partner, "agreement": ask.agreement, "purpose": ask.purpose, "signer": signer, "relation": relation,
        "signed_on": date.today().isoformat(), "method": f"said to the case worker ({said})",
    }  # fmt: skip

    def within(decision: str) -> None:
        _decline(student, ask, said, by)
        if not decision:  # the discloser's record is not known here, so the no is kept with the answers alone
            _record_form(student, ask, FormState.DECLINED, "", said, by)

    def alone(_: str) -> None:
        _record_form(student, ask, FormState.DECLINED, "", said, by)

    try:
        record_refusal(cells=cells, records=student.held.get(ask.partner, ()), by=by, within=within)
    except Refused as refused:
        if refused.code != "no_right" or relation not in RELATIONS:
            raise
        record_refusal(cells=cells, records=(), by=by, within=alone)


def take_back(*, person: int, consent: str, how: str, by: Actor) -> str:
    """Withdraws a consent in force that the family takes back, and returns whose records it was about; what it opened is closed at the next read. Forms about the same that are
    still out are closed with it."""
    student = open_student(person=person, by=by)
    said = HowSaid(how).value
    found = next((c for c in consents_of(student) if c.id == consent), None)
    if found is None:
        raise Refused(
            "This student's family has no such consent in force; open the page again to see what counts today.",
            code="unknown_consent",
        )
    asks = [a for a in student.asks if (a.agreement, a.partner) == (found.agreement, found.partner)]

    def decline() -> None:
        for ask in asks:
            if ANY in (found.purpose, ask.purpose) or found.purpose == ask.purpose:
                _decline(student, ask, said, by)

    withdraw_as_heard(id=found.id, by=by, within=decline)
    return found.partner


def is_open(*, person: int, by: Actor) -> bool:
    """Whether the student is open to the worker now."""
    try:
        open_student(person=person, by=by)
    except Refused:
        return False
    return True


def consents_of(student: OpenStudent) -> list[RecordedDecision]:
    """The consents in force on what this student's family is asked for."""
    today = date.today()
    asked = {(a.agreement, a.partner) for a in student.asks}
    known = consents(records=student.records, disclosers={of for _, of in asked})
    standing = in_force(known, today)
    return [c for c in known if c.id in standing and (c.agreement, c.partner) in asked]


def _decline(student: OpenStudent, ask: Ask, how: str, by: Actor) -> None:
    """Closes the forms about the same that are still out; a paper that led to no consent is destroyed."""
    for form in sent_forms_of(records=student.records):
        if form.about(ask.agreement, ask.purpose, ask.partner) and form.state in OPEN:
            _step(form, FormState.DECLINED, by, facts={"how": how})
            discard(code=form.code)


def forms_of(student: OpenStudent, by: Actor) -> list[SentForm]:
    """The forms about this student that the worker's partner sent, newest first."""
    return [f for f in reversed(sent_forms_of(records=student.records)) if f.sender == by.partner]


def find_form(*, code: str, by: Actor) -> int:
    """The person, as pages show it, whose form has that code; the page of the student decides whether the worker may open it."""
    check_may_ask(by)
    form = next((f for f in sent_forms_of(code=plain_code(code)) if f.sender == by.partner), None)
    if form is None:
        raise Refused(
            "No form of your organization has that code; check it on the paper.", code="unknown_form"
        )
    return persons_of([form.record])[form.record]


def form_to_print(*, code: str, by: Actor) -> SentForm:
    """A form for its sender and for the discloser; it says nothing about the student."""
    form = next(iter(sent_forms_of(code=plain_code(code))), None)
    # A no that no form preceded has a code too, but no language.
    if form is None or not form.language or by.partner not in (form.sender, form.partner):
        raise Refused("No form has that code; check the code.", code="unknown_form")
    return form


def plain_code(code: str) -> str:
    """The code as it is stored: people write it with a hyphen or in small letters."""
    return "".join(code.split()).replace("-", "").upper()


def own_form(*, code: str, by: Actor) -> SentForm:
    """A form about the records of the actor's partner, for whoever answers families there; refused as unknown elsewhere."""
    partner = check_may(by)
    form = next(iter(sent_forms_of(partner=partner, code=plain_code(code))), None)
    if form is None:
        raise Refused("Your partner has no form with that code; check the list.", code="unknown_form")
    return form


def look_at_paper(*, code: str, by: Actor) -> OpenedPaper:
    """The paper of a form that came back, after an entry in the ledger."""
    form = own_form(code=code, by=by)
    paper = opened(code=form.code, attempt=form.attempt) if form.attempt else None
    if paper is None:
        raise Refused(
            "No paper is kept for that form; it has not come back, or the paper was destroyed.",
            code="unknown_paper",
        )
    with transaction.atomic():
        recording.append(
            Entry(
                outcome=LOOKED, actor=by, purpose="ledger", interest=INTEREST, on=date.today(), disclosers=(form.partner,),
                students=np.array([form.record], dtype=np.int64), exempt=LOOK,
            )
        )  # fmt: skip
    return paper


def confirm(
    *, code: str, student: str, signer: str, relation: str, signed_on: date, identified: str, by: Actor
) -> SentForm:
    """Records the consent of a signed form. `student`: the discloser's own number of the student whose name is on the paper, which must
    be the student for whom the form was sent; the other values as they are on the paper. Refused, with nothing recorded, where they
    do not fit, or the family took it back meanwhile."""
    form = own_form(code=code, by=by)
    form.check_step(FormState.CONFIRMED)
    form.check_version(version_of(_document(form.agreement)))
    form.check_readable()
    form.check_signed_on(signed_on, date.today())
    check_said(
        identified, "Say how you know who signed, such as: signature compared with the enrollment form."
    )
    [number] = numbers_of_key(student, partner=form.partner, by=by)
    persons = persons_of(sorted({number, form.record}))
    if persons[number] != persons[form.record]:
        raise Refused(
            "That number is not of the student for whom this form was sent; compare the name on the paper, and send the paper back if"
            " it is another student's.",
            code="another_student",
        )
    cells = {
        "partner": form.partner, "record_key": student, "agreement": form.agreement, "purpose": form.purpose,
        "decision": ConsentDecision.YES.value, "signer": signer, "relation": relation, "signed_on": signed_on.isoformat(),
        "method": f"signed form {form.code}: {identified.strip()}"[:200], "language": form.language,
        "notice_version": form.notice, "expires": form.until.isoformat(),
    }  # fmt: skip

    def within(consent: str) -> None:
        now = _again(form)
        now.check_step(FormState.CONFIRMED)
        _step(now, FormState.CONFIRMED, by, other=str(now.attempt), facts={"consent": consent})
        settle(code=form.code, attempt=now.attempt, record=number)

    decide(cells=cells, by=by, within=within)
    return _again(form)


def return_form(*, code: str, why: str, by: Actor) -> SentForm:
    """Sends a signed form back to its sender, because it cannot be confirmed; its paper is destroyed."""
    form = own_form(code=code, by=by)
    with turn(), transaction.atomic():
        now = _again(form)
        now.check_step(FormState.RETURNED)
        _step(now, FormState.RETURNED, by, other=str(now.attempt), facts={"why": WhyReturned(why).value})
        discard(code=form.code)
    return _again(form)


def _of_student(student: OpenStudent, code: str, by: Actor) -> SentForm:
    form = next((f for f in forms_of(student, by) if f.code == plain_code(code)), None)
    if form is None:
        raise Refused(
            "No form with that code was sent to this student's family; check the code, and whose name is on the paper.",
            code="wrong_code",
        )
    return form


def _again(form: SentForm) -> SentForm:
    """The form as it is now."""
    return next(iter(sent_forms_of(code=form.code)))


def _step(form: SentForm, step: FormState, by: Actor, **more: Any) -> None:
    record(
        about=RightsSubject.FORM,
        step=step,
        partner=form.partner,
        student=form.record,
        code=form.code,
        by=by,
        **more,
    )


def _document(agreement: str) -> AgreementDocument:
    return next(s.document for s in agreement_statuses(date.today()) if s.document.id == agreement)

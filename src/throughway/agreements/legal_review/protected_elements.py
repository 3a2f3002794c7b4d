"""Other laws, which protect single elements (`law_tags` of the vocabulary)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import AccessForm, Basis
from throughway.agreements.legal_review.context import BasisInUse, ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.partners import LegalStatus

SCHOOLS = frozenset({LegalStatus.LEA, LegalStatus.SEA})
TRANSITION = frozenset({LegalStatus.WORKFORCE, LegalStatus.COLLEGE})
ASKING = frozenset({"survey_response", "assessment_result"})
# By which a text names one of the eight topics. (A question shows it by more words: `measures/survey_answers.py`.)
TOPICS = re.compile(
    r"\b(mental|psycholog\w+|depress(ed|ion)|anxiety|suicid\w+|self-harm|feelings|politic\w*|religio\w+|sexual\w*|drug use|alcohol use|substance use|vaping|gangs?|weapons?|famil(y|ies)’?s? (income|conflicts?)|household income)\b",
    re.I,
)
# By which a text says that students have no choice.
REQUIRED = re.compile(
    r"\b(must (all )?(answer|take|complete|fill)|(survey|answers?|questionnaire)s? (is|are) (required|mandatory)|(required|mandatory) (survey|questionnaire)s?)\b",
    re.I,
)


@dataclass(frozen=True)
class ProtectedElement:
    """An element under a law, as one line shows it for persons under one purpose entry; aggregate counts are left out."""

    at: str
    element: str
    use: BasisInUse
    disclosers: tuple[str, ...]


def _shown(document: AgreementDocument, tag: str) -> Iterator[ProtectedElement]:
    every = list(uses(document))
    for position, line in enumerate(document.schedule):
        tagged = [e.path for e in elements_of(line) if tag in e.law_tags]
        for use in every if tagged else ():
            if use.purpose is None or use.purpose.form is AccessForm.AGGREGATE:
                continue
            disclosers = document.line_disclosers(line, use.purpose)
            if disclosers:
                yield ProtectedElement(f"schedule[{position}].element", tagged[0], use, disclosers)


def meals(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """NSLP: schools, evaluations of Federal education programs, and holders of a parent's consent; no other community program."""
    for shown in _shown(document, "NSLP"):
        if shown.use.basis in (Basis.CONSENT, Basis.AUDIT_EVALUATION):
            continue
        for recipient in shown.use.recipients:
            if recipient not in context.partners or context.has_status(recipient, *SCHOOLS):
                continue
            if context.has_status(recipient, LegalStatus.NONPROFIT):
                yield blocking("NSLP", shown.at,
                               f"{shown.element} shows who gets free meals, which a community program may "
                               f"learn only with the parents’ consent or as counts; ask {recipient}’s "
                               f"families, or leave it out.")  # fmt: skip
            else:
                yield warning("NSLP", shown.at,
                              f"{shown.element} shows who gets free meals; only those named in 42 U.S.C. "
                              f"1758(b)(6)(A) may learn this without the parents’ consent. If {recipient} "
                              f"is not one of them, leave it out.")  # fmt: skip
            break


def disability(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """IDEA: users of these records must be trained."""
    shown = _shown(document, "IDEA")
    found = next((s for s in shown if s.use.purpose and not document.courses(s.use.purpose)), None)
    if found:
        yield warning("IDEA", "terms.training",
                      f"{found.element} is a record of students with disabilities, and everyone who uses "
                      f"such records must be trained; name a course in terms.training.")  # fmt: skip


def placement(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """FOSTER: a child-welfare agency's own records are subject to the State's confidentiality law."""
    for shown in _shown(document, "FOSTER"):
        agency = next((d for d in shown.disclosers if context.has_status(d, LegalStatus.CHILD_WELFARE)), None)
        if agency and shown.use.basis is Basis.PARTNER_RECORDS:
            yield warning("FOSTER", shown.at,
                          f"{shown.element} of {agency} is subject to the State’s law on child-welfare "
                          f"records, which a partner’s own promise does not override; name that law under "
                          f"other_law, or ask for consent.")  # fmt: skip


def disability_consent(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """IDEA-CONSENT: what no basis of FERPA opens, and what goes to those who provide or pay for transition services."""
    for shown in _shown(document, "IDEA"):
        use = shown.use
        if use.basis is Basis.CONSENT:
            continue
        if use.basis in (Basis.PARTNER_RECORDS, Basis.OTHER_LAW):
            yield warning("IDEA-CONSENT", shown.at,
                          f"{shown.element} is a record of students with disabilities, and {use.basis} is no exception of FERPA, by which "
                          "alone it may be disclosed without the parents’ consent; rest it on consent, or have counsel confirm it.")  # fmt: skip
        elif any(context.has_status(recipient, *TRANSITION) for recipient in use.recipients):
            yield warning("IDEA-CONSENT", shown.at,
                          f"{shown.element} goes to a partner that may provide or pay for transition services, for which the parents’ "
                          "consent comes first; rest it on consent if it does.")  # fmt: skip


def surveys(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """PPRA: the law governs the asking, so figures alone need the consent, or the notice with its opt-out, as names do."""
    for position, line in enumerate(document.schedule):
        tagged = [e.path for e in elements_of(line) if "PPRA" in e.law_tags and not line.is_wildcard]
        for use in uses(document):
            disclosers = document.line_disclosers(line, use.purpose) if use.purpose else ()
            said = " ".join((document.title, use.purpose.interest if use.purpose else "", line.necessity))
            topic = line.table in ASKING and TOPICS.search(said)
            if not disclosers or use.basis is Basis.CONSENT or not (tagged or topic):
                continue
            what = f"{tagged[0]} comes" if tagged else f"By the words of the text, {line.table} comes"
            law = f"{what} from questions on protected topics. The law governs the asking, whether names or only counts come of it:"
            school = next((d for d in disclosers if context.has_status(d, LegalStatus.ED_FUNDED)), None)
            at = f"schedule[{position}].element"
            if school and REQUIRED.search(said):
                yield blocking("PPRA", at, f"{law} no student is required to answer without prior written consent of a parent (or of an adult "
                               "student). Make the survey voluntary with a notice and an opt-out, or rest this on consent.")  # fmt: skip
            elif school:
                yield warning("PPRA", at, f"{law} {school} needs the parents’ prior written consent if the survey was required, otherwise a "
                              "notice at the start of the year with an opt-out. Rest this on consent, or see that it was so.")  # fmt: skip
            else:
                yield advice("PPRA", at, f"{law} if the Department of Education pays for the program that asked, as for a 21st Century center, "
                             "no student is required to answer without the parents’ consent. See that it was so.")  # fmt: skip


def aid(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """AID: data from a student aid application may be used only for student aid."""
    for shown in _shown(document, "AID"):
        if shown.use.basis not in (Basis.CONSENT, Basis.FINANCIAL_AID):
            yield warning("AID", shown.at,
                          f"{shown.element} comes from applications for student aid, which Federal law "
                          f"allows only for aid; use financial_aid or the student’s consent, or have the "
                          f"State confirm that this use is allowed.")  # fmt: skip


def wages(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """UI: only the State may disclose wage records."""
    for shown in _shown(document, "UI"):
        other = next((d for d in shown.disclosers if not context.has_status(d, LegalStatus.WORKFORCE)), None)
        if other and shown.use.basis not in (Basis.CONSENT, Basis.OTHER_LAW):
            yield warning("UI", shown.at,
                          f"{shown.element} is in the State’s wage records, which its workforce agency "
                          f"discloses under its own agreements, and {other} is not that agency; make that "
                          f"agency the discloser.")  # fmt: skip

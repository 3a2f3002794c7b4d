"""The supports that fit one student: what the directory offers, held against what the gate shows this reader of the student."""

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.casework.needs.need import TABLE, for_matching, needs_of
from throughway.casework.needs.survey_needs import SurveyNeed, survey_needs
from throughway.casework.referrals.referral import TABLE as REFERRALS
from throughway.casework.selectors import CaseworkReader, reader_of, record_of, summary_of
from throughway.casework.student_page import StudentRecord
from throughway.consent.contested_parts import contested_in_words
from throughway.core.refusals import Refused
from throughway.gate.actions import possible_receivers
from throughway.measures.needs import CATEGORIES, named
from throughway.measures.survey_answers import TABLE as ANSWERS
from throughway.partners.actor import Role
from throughway.partners.page_access import ActingRequest, screen
from throughway.supports.matching import SupportMatches
from throughway.supports.selectors import entries, matches_for, need_rules
from throughway.vocabulary import CODE_SETS

WORKERS = (Role.CASE_WORKER, Role.PROGRAM_MANAGER)
SHOWN = 3  # on the student's page


class NeedForm(forms.Form):
    """A need that the worker names. It is used for this answer and kept nowhere."""

    need = forms.ChoiceField(label="What does the student look for?", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {each.said.category for each in entries() if not each.closed}
        field = self.fields["need"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "whatever fits"),
            *((code, words) for code, words in CODE_SETS[CATEGORIES].items() if code in kinds),
        ]


def refers_to(record: StudentRecord, today: date) -> dict[str, Any]:
    """Whether the reader may refer this student (`refers`: the student's id), and to which partners' supports."""
    if REFERRALS not in record.types:
        return {"refers": None, "receivers": frozenset()}
    owners = {grant.discloser for grant in record.grants if grant.table == REFERRALS and grant.authors}
    found = {partner for owner in owners for partner in possible_receivers(REFERRALS, owner, today)}
    return {"refers": record.person, "receivers": found - {record.reader}}


def told_in_surveys(record: StudentRecord, today: date) -> list[SurveyNeed]:
    """What the student asked for in surveys. Refused (settings) where the community's rules are wrong."""
    rows = record.tables.get(ANSWERS, ())
    return survey_needs(rows, need_rules(), record.grants, today) if rows else []


def recommended(
    record: StudentRecord, reader: CaseworkReader, today: date, chosen: str = ""
) -> SupportMatches:
    """What fits the student and what does not, with the reasons: the student's page, the page of supports and a referral that found no seat
    show this, and nothing else recommends. `chosen`: a kind of support that the reader names now; it stands before what is noted of the
    student, what the student told in a survey, and what the record shows."""
    noted = for_matching(needs_of(record.tables.get(TABLE, ()), names=reader.names, reader=record.reader))
    told = [need.for_matching for need in told_in_surveys(record, today)]
    others = (need for need in (*noted, *told) if need.answered_by != (chosen,))
    return matches_for(record.tables, on=today, named=[*named([chosen] if chosen else []), *others])


def supports_section(record: StudentRecord, reader: CaseworkReader, today: date) -> dict[str, Any]:
    """What the student's page shows of the supports that fit; a wrong file of rules is said in its place."""
    try:
        told = told_in_surveys(record, today)
        found = recommended(record, reader, today)
    except Refused as refused:
        return {"supports_refused": refused.message}
    return {
        "told": told,
        **refers_to(record, today),
        "supports": found.fits[:SHOWN],
        "more_supports": len(found.fits) > SHOWN,
        "matches": found,
    }


@screen(*WORKERS, person=True, only_reads=True)
def supports_that_fit(request: ActingRequest, person: int) -> HttpResponse:
    """Every support for one student: those that fit, the best first, those not now, and those that do not fit, each with its reasons. A
    POST names a need. A student whom the reader may not see gets the same answer as one who does not exist."""
    today = date.today()
    reader = reader_of(request.actor, today)
    record = record_of(request.actor, reader, person)
    if record is None:
        if reader.suspended:
            return redirect("casework:students")
        raise Http404
    form = NeedForm(request.POST if request.method == "POST" else None)
    chosen = form.cleaned_data["need"] if form.is_bound and form.is_valid() else ""
    context = {
        "student": summary_of(record, reader),
        "form": form,
        **refers_to(record, today),
        "matches": recommended(record, reader, today, chosen),
        "statements": contested_in_words(record.statements),
    }
    return render(request, "casework/supports.html", context, status=422 if form.errors else 200)

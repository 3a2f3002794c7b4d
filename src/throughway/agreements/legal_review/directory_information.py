"""Directory information: the items of the public notice, its recipients, and what is never included (34 CFR 99.3, 99.37)."""

import re
from collections.abc import Iterator
from datetime import date

from throughway.agreements.directory_notice import items_of, listed
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import PopulationEntry
from throughway.agreements.enums import Basis, PurposeKind
from throughway.agreements.legal_review.context import BasisInUse, ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.agreements.population_condition import BadCondition, columns_of, parse_condition
from throughway.partners import LegalStatus
from throughway.vocabulary import TABLES, Element

NEVER = "34 CFR 99.3; 42 U.S.C. 11432(g)(3)(G)"
RECRUITING = re.compile(r"\b(recruit\w*|military|armed forces|army|navy|marines)\b", re.I)
CONTACT = ("person", "person_contact")
# A row in these tables reveals only that the student attends a school, which is public.
PLAIN = frozenset({"person", "school_enrollment", "postsecondary_enrollment", "credential"})


def never_directory_information(
    document: AgreementDocument, context: ReviewContext
) -> Iterator[ReviewFinding]:
    """Specially protected elements and daily attendance are never directory information."""
    ids = {use.purpose.id for use in _uses(document) if use.purpose}
    for position, line in enumerate(document.schedule):
        if not ids.intersection(line.purposes):
            continue
        found = [e.path for e in elements_of(line) if e.restricted or e.table == "attendance_day"]
        if found:
            yield blocking("F31a11", f"schedule[{position}].element",
                           f"{found[0]} is never directory information; leave it out, or share it on another basis.", citation=NEVER)  # fmt: skip


def items_named(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a11-1: an element that no item of the notice names is not shown."""
    given = _uses(document)
    for position, line in enumerate(document.schedule):
        for use in given:
            assert use.purpose is not None
            if use.purpose.id not in line.purposes or not use.says("items"):
                continue
            items = items_of(use.details)
            apart = [
                e for e in elements_of(line) if not listed(e.table, e.name, items) and not _protected(e.path)
            ]
            if apart and not (line.is_wildcard and len(apart) < len(elements_of(line))):
                yield warning("F31a11-1", f"schedule[{position}].element",
                              f"The notice names no item for {apart[0].path}, so nobody sees it; leave the line out, or add its item to basis_details.items if the notice has it.")  # fmt: skip
                break


def _protected(path: str) -> bool:
    table, _, column = path.partition(".")
    return table == "attendance_day" or column == "person_id" or TABLES[table].elements[column].restricted


def opt_out(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a11-2: families had a period for opting out, and it ended before anything is shown."""
    for use in _uses(document):
        stated = use.details.get("opt_out_until")
        if stated is None:
            yield advice("F31a11-2", use.at("opt_out_until"),
                         f"{use.named} does not say by when families could refuse; state the last day in "
                         "basis_details.opt_out_until.")  # fmt: skip
            continue
        try:
            last = date.fromisoformat(str(stated))
        except ValueError:
            yield warning("F31a11-2", use.at("opt_out_until"),
                          "The last day to refuse is not a date; write it as 2026-09-30.")  # fmt: skip
            continue
        if last >= document.terms.effective:
            yield warning("F31a11-2", use.at("opt_out_until"),
                          f"Families may refuse until {last}, and the agreement begins on {document.terms.effective}; begin after that day.")  # fmt: skip


def limits_of_notice(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a11-4: a notice that limits parties or purposes is binding."""
    for use in _uses(document):
        for key, here in (
            ("parties", use.recipients),
            ("purposes", (use.purpose.id,) if use.purpose else ()),
        ):
            stated = use.details.get(key)
            named = [stated] if isinstance(stated, str) else stated
            if not isinstance(named, list):
                continue
            beyond = [name for name in here if name not in named]
            if beyond:
                yield blocking("F31a11-4", use.at(key),
                               f"The notice limits its {key} to {', '.join(map(str, named))}, and {beyond[0]} is not one of them; leave it out, or use another basis.")  # fmt: skip


def no_matching_by_notice(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G9: information found by matching with other data is not given as directory information."""
    given = {(use.purpose.id, d) for use in _uses(document) if use.purpose for d in use.disclosers}
    for position, purpose in enumerate(document.purposes):
        if purpose.kind is not PurposeKind.LINKAGE:
            continue
        served = [
            id
            for id, d in sorted(given)
            if id in (purpose.serves or ()) and d in document.disclosers(purpose)
        ]
        if served:
            yield warning("G9", f"purposes[{position}].serves",
                          f"{purpose.id} matches students for {served[0]}, which rests on a directory notice; directory information may not be given or confirmed about a student who was found with the help of other data, so no match is shown there. Take "
                          f"{served[0]} out of serves, or ask for consent.")  # fmt: skip


def revealing_list(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G10: a list of names selected by a protected fact reveals that fact about each student."""
    disclosers = {d for use in _uses(document) for d in use.disclosers}
    for position, entry in enumerate(document.population):
        drawn = disclosers if entry.from_ is None else disclosers & set(entry.from_)
        if not drawn or entry.on in PLAIN or entry.on not in TABLES:
            continue
        path = f"population[{position}].where"
        protected = _asks_protected(entry)
        what = (
            f"The list is selected by {protected}"
            if protected
            else f"The list is selected by who is in {entry.on}"
        )
        message = f"{what}, so it reveals more about each student than the notice names; select students by grade or school only."
        yield blocking("G10", path, message) if protected else warning("G10", path, message)


def recruiters(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """RECRUIT: a family may have refused military recruiters and colleges alone, apart from the notice."""
    for use in _uses(document):
        assert use.purpose is not None
        reached = [entry.name for table in CONTACT for entry in _shown(document, use, table)]
        college = next((r for r in use.recipients if context.has_status(r, LegalStatus.COLLEGE)), "")
        words = " ".join(
            (document.title, use.purpose.interest, *(next_.interest for next_ in document.onward))
        )
        if reached and (college or RECRUITING.search(words)):
            who = college or "a recruiter"
            yield warning("RECRUIT", f"{use.path}.recipients",
                          f"{who} gets names, addresses or telephone numbers of students, for which families of a secondary school may "
                          "refuse military recruiters and colleges by a request of their own; record each such request as an opt-out from "
                          "this purpose, and tell families of it.")  # fmt: skip


def _shown(document: AgreementDocument, use: BasisInUse, table: str) -> Iterator[Element]:
    for line in document.schedule:
        if line.table == table and use.purpose and document.line_disclosers(line, use.purpose):
            yield from elements_of(line)


def _asks_protected(entry: PopulationEntry) -> str:
    try:
        columns = columns_of(parse_condition(entry.where, entry.on))
    except BadCondition:
        return ""
    table = TABLES[entry.on].elements
    return next((table[name].path for name in sorted(columns) if table[name].restricted), "")


def _uses(document: AgreementDocument) -> list[BasisInUse]:
    return [use for use in uses(document, Basis.DIRECTORY) if use.purpose]

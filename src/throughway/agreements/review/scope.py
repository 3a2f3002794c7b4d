"""Which students and which days: the population's conditions, records, and the terms' days."""

from collections.abc import Iterator
from datetime import date

from throughway.agreements.condition import BadCondition, parse_condition, values_of_codes
from throughway.agreements.document import AgreementDocument
from throughway.agreements.findings import Finding, blocking, warning
from throughway.agreements.review.context import ReviewContext
from throughway.agreements.words import Tier
from throughway.refusals import did_you_mean
from throughway.vocabulary import TABLES, codes_of, no_code


def population(document: AgreementDocument, context: ReviewContext) -> Iterator[Finding]:
    """`on` is a table of a person, `where` a condition on its columns, with codes that exist."""
    for position, entry in enumerate(document.population):
        path = f"population[{position}]"
        table = TABLES.get(entry.on)
        if table is None or not table.of_person:
            of_person = [name for name, known in TABLES.items() if known.of_person]
            yield blocking("D9", f"{path}.on",
                           f"{entry.on} is no table that speaks of students; "
                           + did_you_mean(entry.on, of_person, f"choose one of {', '.join(of_person)}."))  # fmt: skip
            continue
        try:
            condition = parse_condition(entry.where, entry.on)
        except BadCondition as problem:
            yield blocking("D9", f"{path}.where", f"{path}.where {problem}.")
            continue
        for element, code in values_of_codes(condition, table):
            codes = codes_of(element)
            if codes and code not in codes:
                yield warning("D9", f"{path}.where", f"{no_code(element, code)}. No student has it.")


def days(document: AgreementDocument, context: ReviewContext) -> Iterator[Finding]:
    """First days come before last days."""
    terms, records = document.terms, document.records
    if terms.expires < terms.effective:
        yield blocking("D10", "terms.expires",
                       f"The agreement ends on {terms.expires}, before it takes effect on {terms.effective}; mend one "
                       "of the days.")  # fmt: skip
    if records.from_ and records.to and records.to < records.from_:
        yield blocking("D10", "records.to",
                       f"Records are in scope until {records.to}, before they begin on {records.from_}; mend one of "
                       "the days.")  # fmt: skip


def project(document: AgreementDocument, context: ReviewContext) -> Iterator[Finding]:
    """A use license says how its project works; a review board's approval outlasts it."""
    if document.project is None:
        if document.tier is Tier.DUL:
            yield warning("P11", "project",
                          "A use license is for one project; say in project.method how it works, and give the review "
                          "board's number where it has one.")  # fmt: skip
        return
    irb = document.project.irb
    if irb is None or document.tier is not Tier.DUL:
        return
    try:
        until = date.fromisoformat(irb.expires)
    except ValueError:
        yield warning("P11", "project.irb.expires",
                      "The end of the review board's approval is no day; write it as 2028-06-30.")  # fmt: skip
        return
    if until < document.terms.expires:
        yield warning("P11", "project.irb.expires",
                      f"The review board's approval ends on {until}, before the license does; renew it in time.")  # fmt: skip

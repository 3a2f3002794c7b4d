"""The promises that a reader may see, the published figures of each, and what is missing; and their hours as a section of other reports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from throughway.agreements.agreement_list import may_see
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.service_commitments import Promise, promised
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import day
from throughway.insight.commitments.figures import (
    HALVES,
    PromiseFigures,
    PromiseYear,
    promise_figures,
    why_not_counted,
)
from throughway.insight.commitments.participation import Program, match
from throughway.insight.reports.page import NOT_TOLD, ReportColumn, ReportRow, ReportSection
from throughway.insight.reports.selectors import newest_of
from throughway.partners import Actor
from throughway.partners.selectors import partner_names, partners
from throughway.publication.selectors import Published
from throughway.supports.entry import SupportEntry
from throughway.supports.selectors import recent_entries

SERVICES = "services"


def promises(actor: Actor, on: date, release: Published | None) -> list[PromiseFigures]:
    """The promises in effect that the reader may see, with the release's figures."""
    every, register = agreement_statuses(on), partners()
    grants = [grant for s in every if s.in_effect for grant in grants_of(s, every)]
    directory = recent_entries()
    counted = {found.promise.key: found for found in _figures(release)}
    seen = _open_to(actor, every)
    return [
        _explained(
            replace(
                counted.get(promise.key, PromiseFigures(promise)),
                promise=promise,
                seats_now=seats_now(promise, directory, on),
            ),
            why_not_counted(promise, grants, actor, register),
        )
        for promise in promised(every)
        if promise.agreement in seen
    ]


def seats_now(promise: Promise, directory: Sequence[SupportEntry], on: date) -> str:
    """`34 seats exist, no seat free, 12 students wait`, as the promise’s partner states it; empty where the directory has no such program
    or several, or it states no seats."""
    own = [each for each in directory if each.partner == promise.partner and not each.closed]
    by_program = {Program(each.said.program or f"{each.partner}/", each.said.name): each for each in own}
    programs = match(promise, by_program)
    if len(programs) != 1:
        return ""
    entry = by_program[programs[0]]
    if entry.has_ended(on):
        return entry.seats_words(on)
    every, free = entry.said.seats_all, entry.free_seats(on)
    return ", ".join(
        filter(
            None,
            (
                "" if every is None else "one seat exists" if every == 1 else f"{every:,} seats exist",
                "" if free is None else "none free" if free == 0 and every is not None else f"{free:,} free",
                entry.said.waiting_words if entry.said.waiting else "",
            ),
        )
    )


def promises_of(actor: Actor, on: date, release: Published) -> list[PromiseFigures]:
    """One release's figures for the promises that the reader may see, whether or not they are still in effect."""
    seen = _open_to(actor, agreement_statuses(on))
    return [_explained(found, "") for found in _figures(release) if found.promise.agreement in seen]


def _explained(found: PromiseFigures, missing: str) -> PromiseFigures:
    """Adds the reason where there is no figure."""
    return replace(found, why="" if found.years else found.why or missing or "No public release includes it.")


def _open_to(actor: Actor, every: Sequence[AgreementStatus]) -> frozenset[str]:
    register = partners()
    return frozenset(s.document.id for s in every if may_see(actor, s.document, register))


def _figures(release: Published | None) -> Sequence[PromiseFigures]:
    return promise_figures(release.about["promises"], release.tables) if release else ()


HOURS_COLUMNS = (
    ReportColumn("seats promised"), ReportColumn("took part"), *(ReportColumn(f"had {half}") for half in HALVES),
)  # fmt: skip


def hours_sections(reader: Actor) -> Iterator[ReportSection]:
    """A row for each promise of hours that the reader may see, of the newest school year of which most is shown; no section where there is
    none."""
    release = newest_of(SERVICES)
    found = promises(reader, date.today(), release) if release else []
    names = partner_names() if found else {}
    rows = [_row(each, names) for each in found if each.promise.hours_per_week]
    if release and rows:
        yield ReportSection(
            "hours", "Hours of help against the promise",
            [f"How many students had the hours a week that an agreement promises, as counted up to {day(release.on)} for Services promised."],
            "Program and promise", HOURS_COLUMNS, rows,
        )  # fmt: skip


def _tells(year: PromiseYear) -> tuple[bool, bool, int]:
    """The greater, the more of the year is shown; of two alike, the newer."""
    return any(isinstance(n, int) for _, n in year.halves), isinstance(year.students, int), year.year


def _row(found: PromiseFigures, names: Mapping[str, str]) -> ReportRow:
    promise, hours = found.promise, found.promise.hours_per_week or 0
    partner = names.get(promise.partner, promise.partner)
    name = f"{promise.program}, {partner}: {hours:g} hour{'' if hours == 1 else 's'} a week"
    if not found.years or found.why_hours:
        return ReportRow(
            name, why=found.why or found.why_hours or "No school year of this promise has begun."
        )
    year = max(found.years, key=_tells)
    halves = dict(year.halves)
    seats = NOT_TOLD if promise.seats is None else promise.seats
    beside = f" ({found.beside})" if found.beside else ""
    return ReportRow(f"{name}, {year.words}{beside}", (seats, year.students, *(halves.get(half, NOT_TOLD) for half in HALVES)))  # fmt: skip

"""The earlier releases and the tables from outside that count some students of a new release, with the persons of each figure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count, Max

from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.gate.actions import links_in_force
from throughway.ledger.entry_search import contributing_records
from throughway.publication.joint_audit import CountedFigure, connected, totals_of
from throughway.publication.members import FigureMembers
from throughway.publication.models import (
    OutsideMembers,
    OutsideTable,
    PreviewedFigures,
    Release,
    ReleaseEvent,
)
from throughway.publication.outside_counts import PlacedFigure, known_figures
from throughway.publication.previews import Told, ToldFigure, figure_at
from throughway.publication.selectors import Published, outside_tables, published_of, release_rows
from throughway.publication.tables import Place, ProtectedTable, place
from throughway.store import Community
from throughway.store.record_numbers import Numbers, any_of, both

# Reports that were made before releases stored their persons, and each counted the students of its own kind alone.
OF_OLD = ("pipeline", "services")
STAND_INS = 32  # bits of the negative numbers that stand for a release's forgotten students
TOGETHER = "34 CFR 99.31(b)(1), through single or multiple releases"


@dataclass(frozen=True)
class EarlierRelease:
    """A release whose students a new one shares. `classes`, `behind`: as those of `CountedTables`; `forgotten`: how many of its persons
    are unknown today, for whom numbers stand that nobody has."""

    id: str
    report: str
    purpose: str
    subject: str
    registered: date
    is_public: bool
    withdrawn: bool
    minimum_cell: int
    classes: Mapping[tuple[str, str], str]
    tables: tuple[ProtectedTable, ...]
    figures: tuple[CountedFigure, ...]
    behind: Mapping[Place, Numbers]
    forgotten: int
    about: Mapping[str, Any]

    @property
    def of_counts(self) -> list[ProtectedTable]:
        """Its tables of counts and of their rates: not those that are computed from them, or count records."""
        return [t for t in self.tables if {c.statistic for c in t.cells} <= {"students", "rate"}]

    @property
    def of_amounts(self) -> list[ProtectedTable]:
        """The tables of a question's sums and means."""
        return [t for t in self.tables if self.subject and t not in self.of_counts]


def earlier_releases(persons: Numbers, *, report: str, disclosures: Sequence[str]) -> list[EarlierRelease]:
    """Every release that counts one of these persons, or a person of such a release, and so on; newest first, whether it is public, in
    review or withdrawn.

    Refused (covered) where such a release of the same kind stores no persons, because it was registered before they were stored or its
    agreement has ended: no later release can be audited together with it.
    """
    check_no_overlap(report=report, disclosures=disclosures, without_members=True)
    links, known = links_in_force(), []
    rows = release_rows().filter(members__isnull=False).select_related("members")
    for number, row in enumerate(rows, 1):
        stand_ins = -(number << STAND_INS)  # of this release alone
        members, forgotten = FigureMembers.unpacked(bytes(row.members.packed)).persons(links, stand_ins)
        known.append((_earlier(row, members, forgotten), any_of(members.values())))
    return [release for release, _ in connected(known, persons, lambda each: each[1])]


@dataclass(frozen=True)
class OutsideCounts:
    """A table from outside, as a purpose has counted its students. `figures`: what a reader of it knows, by the persons whom our own
    figures count; `forgotten`: how many of them are unknown today."""

    id: str
    name: str
    figures: tuple[CountedFigure, ...]
    forgotten: int

    @property
    def persons(self) -> Numbers:
        return any_of(figure.persons for figure in self.figures)


def outside_counts(*, minimum: int) -> list[OutsideCounts]:
    """Every table from outside, as each purpose shows it. `minimum`: a range that leaves fewer open is taken as known.

    Refused (covered) where our records have not said yet whom a table counts.
    """
    links, names = links_in_force(), {each.id: each for each in outside_tables()}
    for each in names.values():
        if not each.counted_for:
            raise Refused(
                f"No release can be checked with the table {each.name} from outside, because no purpose has counted its students yet; "
                "ask first for a preview under a purpose that shows them.",
                code="covered", citations=[TOGETHER],
            )  # fmt: skip
    found = []
    for row in OutsideMembers.objects.filter(table_id__in=names).order_by("id"):
        members, forgotten = FigureMembers.unpacked(bytes(row.packed)).persons(links)
        figures = known_figures(map(PlacedFigure.from_json, row.figures), members, minimum)
        found.append(OutsideCounts(row.table_id, names[row.table_id].name, figures, forgotten))
    return found


def told_before(releases: Sequence[EarlierRelease]) -> Iterator[list[ToldFigure]]:
    """The figures of which somebody was told: those of these releases, the oldest first, then those of each remembered preview, one after
    the other."""
    for each in reversed(releases):
        yield [
            ToldFigure(f.persons, Told.of(withheld=f.shown is None, ranged=not f.exact)) for f in each.figures
        ]
    links = links_in_force()
    for row in PreviewedFigures.objects.order_by("id").iterator(chunk_size=20):
        members, _ = FigureMembers.unpacked(bytes(row.packed)).persons(links)
        yield [figure_at(at, members[at]) for at in sorted(members, key=sorted)]


def newest_preview() -> int:
    """Changes whenever figures of a preview are remembered."""
    return PreviewedFigures.objects.aggregate(newest=Max("id"))["newest"] or 0


def registry_state() -> tuple[int, int, int, date]:
    """Changes whenever a release is registered, acted on, or may have become public, and whenever a table from outside is added or
    removed; so an audit is current while it is equal."""
    community: Community = settings.COMMUNITY
    newest = ReleaseEvent.objects.aggregate(newest=Max("id"))["newest"] or 0
    outside = OutsideTable.objects.aggregate(added=Count("id"), removed=Count("removed_at"))
    return Release.objects.count(), newest, outside["added"] + outside["removed"], community.today()


def _earlier(
    row: Release, members: Mapping[frozenset[tuple[str, str]], Numbers], forgotten: int
) -> EarlierRelease:
    known = published_of(row)
    shown = {place(c.at): c for table in known.tables for c in table.cells if c.statistic == "students"}
    return EarlierRelease(
        id=row.id, report=row.about["report"], purpose=row.purpose, subject=row.about.get("subject", ""), registered=known.standing.registered,
        is_public=known.standing.is_public, withdrawn=known.standing.withdrawn is not None, minimum_cell=row.minimum_cell,
        classes={(dimension, value): key for dimension, value, key in row.about.get("classes", [])},
        tables=known.tables,
        figures=tuple(
            CountedFigure(at, persons, shown[at].range, totals_of(at, members))
            for at, persons in members.items()
            if at in shown
        ),
        behind={at: persons for at, persons in members.items() if at not in shown}, forgotten=forgotten, about=row.about,
    )  # fmt: skip


def check_no_overlap(*, report: str, disclosures: Sequence[str], without_members: bool = False) -> None:
    """Refused (covered) where a student in these ledger entries may be in an earlier release of the same kind of report, whatever its
    day, purpose, agreement or groups, and whether it is public, in review or withdrawn. `without_members`: only in one that does not
    store the persons of its figures."""
    found = _covering(report, disclosures, without_members)
    if found is None:
        return
    since, withdrawn = day(found.standing.registered), found.standing.withdrawn
    named = f"release {found.id} of {since}" + (", which was withdrawn and still counts" if withdrawn else "")
    instead = "report on" if withdrawn else "show that release, or report on"
    raise Refused(
        f"This report counts students who are also in {named}, and two releases about the same students can identify one of "
        f"them; {instead} students whom it does not cover.",
        code="covered", citations=[TOGETHER],
    )  # fmt: skip


def _covering(report: str, disclosures: Sequence[str], without_members: bool) -> Published | None:
    """The newest release of that kind of report to which a student in these ledger entries can have contributed too, by today's links.
    Where an entry cannot be read, every release of the kind counts."""
    rows = release_rows().defer("tables")
    if without_members:
        rows = rows.filter(members__isnull=True)
    if report in OF_OLD or not without_members:
        rows = rows.filter(about__report=report)
    if not rows:
        return None
    now = contributing_records(disclosures)
    persons = links_in_force().together(now.records)
    for row in rows:
        before = contributing_records(row.disclosures)
        if not (now.whole and before.whole) or both(persons, before.records).size:
            return published_of(row, tables=False)
    return None

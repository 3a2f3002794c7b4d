"""Protects the tables of a report so that they are safe together with every earlier release about some of the same students, and with
the tables that others have published about them.

A figure that would tell about a few students together with one of them is not published anew. Where that release is public and of the
same report and purpose, the figure's whole class stays as first published: mixed with new figures its sums would be wrong. Otherwise
the figure is withheld, and others with it where they would reveal it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from throughway.agreements.enums import PublicationRule
from throughway.core.long_work import check_no_transaction
from throughway.core.refusals import Refused
from throughway.gate.actions import links_in_force
from throughway.publication.certified_tables import certified_tables
from throughway.publication.earlier_releases import (
    TOGETHER,
    EarlierRelease,
    OutsideCounts,
    earlier_releases,
    outside_counts,
    registry_state,
)
from throughway.publication.fitting_counts import Findings
from throughway.publication.joint_audit import CountedFigure, Partition, figures_to_withhold, totals_of
from throughway.publication.members import FigureMembers
from throughway.publication.narrowed_ranges import FigureSum, ReadRelease, that_narrow_a_range
from throughway.publication.outside_counts import near_other_numbers
from throughway.publication.policy import RULES
from throughway.publication.protection import protect
from throughway.publication.ranges_that_follow import with_ranges_that_follow
from throughway.publication.release_document import public_sizes_to_json, rates_to_json, relations_to_json
from throughway.publication.tables import (
    Place,
    ProtectedCell,
    ProtectedTable,
    RawCell,
    RawTable,
    Relation,
    of_a_pool,
    place,
    sums,
)
from throughway.store.record_numbers import Numbers, any_of, both

Class = frozenset[str]
STUDENTS = "students"


@dataclass(frozen=True)
class CountedTables:
    """The true tables of a report, before protection: never shown, stored or rendered. Every count names its persons.

    `classes`: by dimension and value, the key of what is counted there, such as one class at one milestone under one definition. It is
    equal in two releases if and only if they count the same thing, and figures of one class stay or change together. `subject`: what is
    counted where reports of one kind differ, such as the hash of a question. `rule`: what the agreements say of percentages. `behind`: by
    places of the report's own, the persons behind figures that are no counts; they are stored for reports that come after. `spare`: titles
    of tables that are left out where all together cannot be protected, the least useful first. `extra`: titles of tables that are left out
    where they would take an exact figure from the others. `never_shown`: places of sums that no release shows, because beside a part that
    another report shows they would tell that the other parts are nobody; the audit needs them, for readers know what they sum.
    """

    tables: tuple[RawTable, ...]
    minimum_cell: int
    relations: tuple[Relation, ...] = ()
    classes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    subject: str = ""
    rule: PublicationRule | None = None
    behind: Mapping[Place, Numbers] = field(default_factory=dict)
    spare: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    never_shown: frozenset[Place] = frozenset()

    @property
    def cells(self) -> Iterator[RawCell]:
        return (cell for table in self.tables for cell in table.cells)

    @property
    def overlapping(self) -> bool:
        """Whether a question asks several things of the same students, such as two shares: their counts can differ in a few students,
        which no sum within the tables tells."""
        shapes = {frozenset(t.by) for t in self.tables if any(c.statistic == STUDENTS for c in t.cells)}
        return bool(self.subject) and sum(not any(s < other for other in shapes) for s in shapes) > 1

    @property
    def persons(self) -> dict[Place, Numbers]:
        """The persons of each count; ValueError where a count does not name them."""
        found: dict[Place, Numbers] = {}
        for cell in self.cells:
            if cell.statistic == STUDENTS:
                if cell.persons is None or cell.persons.size != cell.count:
                    raise ValueError(f"the count at {dict(cell.at)} does not name its persons")
                found[cell.place] = cell.persons
        return found

    @property
    def alone(self) -> frozenset[Place]:
        """The places that are withheld whatever they count: of single groups of a pool, and of sums that are never shown."""
        return frozenset(c.place for c in self.cells if of_a_pool(c.place) or c.place in self.never_shown)

    def without(self, classes: Collection[Class]) -> "CountedTables":
        """The tables without the figures of these classes."""
        return self._of(
            replace(t, cells=tuple(c for c in t.cells if class_of(c.at, self.classes) not in classes))
            for t in self.tables
        )

    def without_table(self, title: str) -> "CountedTables":
        return self._of(t for t in self.tables if t.title != title)

    def _of(self, tables: Iterable[RawTable]) -> "CountedTables":
        """These tables, with the relations between their figures and the rates that are made of them."""
        tables = tuple(tables)
        held = {cell.place for table in tables for cell in table.cells if cell.statistic == STUDENTS}
        relations = tuple(r for r in self.relations if {place(r.total), *map(place, r.parts)} <= held)
        tables = tuple(
            replace(t, cells=tuple(c for c in t.cells if held.issuperset(c.among))) for t in tables
        )
        return replace(self, tables=tuple(t for t in tables if t.cells), relations=relations)

    def protected(
        self, withheld: Collection[Place] = (), *, ranges: bool = True
    ) -> tuple[ProtectedTable, ...]:
        """The tables, protected and such that they can be certified."""
        tables = protect(
            self.tables, minimum_cell=self.minimum_cell, relations=self.relations, withheld=self.alone.union(withheld),
            ranges=ranges, policy=RULES[self.rule].policy,
        )  # fmt: skip
        return certified_tables(
            tables, minimum_cell=self.minimum_cell, **self.known, beside_others=bool(withheld or self.alone)
        )

    @property
    def known(self) -> dict[str, list[dict[str, Any]]]:
        """What a reader knows besides the figures, as a release's document says it."""
        return {
            "relations": relations_to_json(self.relations),
            "rates": rates_to_json(self.tables),
            "public_sizes": public_sizes_to_json(self.tables),
        }


def class_of(at: Mapping[str, str], classes: Mapping[tuple[str, str], str]) -> Class:
    """What the figure at this place counts."""
    return frozenset(classes[pair] for pair in at.items() if pair in classes)


class AsPublished(Refused):
    """Every figure would stay as a release published it."""


@dataclass(frozen=True)
class JointTables:
    """Protected tables that are safe together with every earlier release and every table from outside.

    `repeats`: the classes that stay as first published, each with the release that published them; `withheld`: the places of figures
    that are withheld because of earlier releases or tables from outside; `audited_with`: the ids of all releases that share students,
    newest first; `outside`: the names of the tables from outside that share some, by id; `because_of`: for whose sake a figure is
    withheld or its class stays, where the earlier releases alone would allow it; `least_difference`: in how many students two figures
    must differ; `ranges_that_follow`: how many ranges say no more than the figures shown;
    `of_pools`: how many counts are withheld whatever they count, as those of single groups of a pool; `left_out`: the titles of tables that could not be protected with the
    others; `registry`: `registry_state` when it was made.
    """

    tables: tuple[ProtectedTable, ...]
    members: FigureMembers
    classes: Mapping[tuple[str, str], str]
    repeats: Mapping[Class, EarlierRelease]
    withheld: frozenset[Place]
    audited_with: tuple[str, ...]
    outside: Mapping[str, str]
    because_of: Mapping[Place, tuple[str, ...]]
    least_difference: int
    ranges_that_follow: int
    of_pools: int
    registry: tuple[int, int, int, date]
    subject: str
    earlier: Sequence[EarlierRelease] = field(repr=False)
    rule: PublicationRule | None
    known: Mapping[
        str, list[dict[str, Any]]
    ]  # `CountedTables.known`, and that of what stays as first published
    left_out: tuple[str, ...] = ()

    def amounts_shown(self, tables: Sequence[ProtectedTable]) -> tuple[ProtectedTable, ...]:
        """The tables of amounts, all withheld where an earlier release about these students has amounts and not the same ones: the sum of one
        late record is the difference of two sums."""
        now = [t.to_json() for t in tables]
        for each in self.earlier:
            before = [t.to_json() for t in each.of_amounts]
            if before and before != now:
                return tuple(_withheld(table) for table in tables)
        return tuple(tables)

    def about(self) -> dict[str, Any]:
        """What the release stores of it."""
        names: dict[str, str] = {}
        for (_, value), key in self.classes.items():
            names.setdefault(key, value)
        return {
            **self.known,
            "subject": self.subject,
            "rule": RULES[self.rule].to_json(),
            "classes": [[dimension, value, key] for (dimension, value), key in self.classes.items()],
            "beside": [*self.audited_with, *self.outside],
            "outside": dict(self.outside),
            ("withheld_beside" if self.audited_with else "withheld_within"): len(
                self.withheld - self.because_of.keys()
            ),
            "withheld_outside": [
                [many, list(ids)]
                for ids, many in Counter(
                    self.because_of[at] for at in self.withheld & self.because_of.keys()
                ).items()
            ],
            "required": self.least_difference,
            "ranges_that_follow": self.ranges_that_follow,
            "of_pools": self.of_pools,
            "left_out": list(self.left_out),
            "repeats": [
                {
                    "release": e.id,
                    "registered": e.registered.isoformat(),
                    "of": sorted(names[key] for key in mine),
                    "outside": self._outside_of(mine),
                }
                for mine, e in self.repeats.items()
            ],
        }

    def _outside_of(self, mine: Class) -> list[str]:
        """The tables from outside because of which figures of the class stay as first published."""
        found = [ids for at, ids in self.because_of.items() if class_of(dict(at), self.classes) == mine]
        return sorted({id for ids in found for id in ids})


def joint_tables(
    counted: CountedTables,
    *,
    report: str,
    purpose: str,
    disclosures: Sequence[str],
    others: Sequence[ProtectedTable] = (),
) -> JointTables:
    """The tables of a report of this kind, safe together with every earlier release and table from outside. `others`: protected tables
    that name no persons; each is shown only where no earlier release has it, or has it with the same figures.

    Refused (covered) where an earlier release or a table from outside cannot be audited, and where every figure would stay as first
    published; (cannot_protect) where the tables cannot be protected, even without those that can be spared.
    """
    check_no_transaction("the audit of a release")
    protect_these = partial(
        _without_spare, report=report, purpose=purpose, disclosures=disclosures, others=others
    )
    extra = [t.title for t in counted.tables if t.title in counted.extra]
    plain = counted
    for title in extra:
        plain = plain.without_table(title)
    found = protect_these(plain)
    if extra:
        with suppress(Refused):
            more = protect_these(counted)
            if _exact(found) <= _exact(more):
                return more
    return replace(found, left_out=(*extra, *found.left_out))


def _exact(joint: JointTables) -> set[tuple[str, Place, int | str]]:
    return {each for each in _shown(joint.tables) if isinstance(each[2], int)}


def _without_spare(
    counted: CountedTables,
    *,
    report: str,
    purpose: str,
    disclosures: Sequence[str],
    others: Sequence[ProtectedTable],
) -> JointTables:
    """The tables, as many of them as can be protected together."""
    left_out: list[str] = []
    while True:
        try:
            found = _joint_tables(
                counted, report=report, purpose=purpose, disclosures=disclosures, others=others
            )
            return replace(found, left_out=tuple(left_out))
        except Refused as refused:
            least_useful = next(
                (t for t in counted.spare if any(each.title == t for each in counted.tables)), None
            )
            if refused.code != "cannot_protect" or least_useful is None:
                raise
            counted = counted.without_table(least_useful)
            left_out.append(least_useful)


def _joint_tables(
    counted: CountedTables,
    *,
    report: str,
    purpose: str,
    disclosures: Sequence[str],
    others: Sequence[ProtectedTable],
) -> JointTables:
    registry, persons = registry_state(), counted.persons
    outside = outside_counts(minimum=counted.minimum_cell)
    every = any_of([*persons.values(), *(o.persons for o in outside)])
    earlier = earlier_releases(every, report=report, disclosures=disclosures)
    same = [e for e in earlier if (e.report, e.purpose, e.subject) == (report, purpose, counted.subject)]
    repeatable = _repeatable(same)
    # A forgotten student of an earlier release may be counted again, under another record: then the figures seem to differ in two.
    least_difference = max([counted.minimum_cell, *(e.minimum_cell for e in earlier)]) + sum(
        [*(2 * e.forgotten for e in earlier), *(o.forgotten for o in outside)]
    )
    published = [figure for each in earlier for figure in each.figures]
    others_figures = [figure for each in outside for figure in each.figures]
    repeats: dict[Class, EarlierRelease] = {}
    withheld: set[Place] = set()
    because_of: dict[Place, tuple[str, ...]] = {}
    shown_alone: frozenset[Place] | None = None
    findings = Findings()
    read_before = [_as_read(each) for each in earlier]
    while True:
        live = counted.without(repeats)
        # Two ranges of nearly the same students can meet in a narrow one, so where that can be, none is shown but what follows from figures.
        tables = live.protected(withheld, ranges=not (published or others_figures or counted.overlapping))
        figures = _figures(tables, persons)
        shown_now = frozenset(f.at for f in figures if f.shown is not None)
        shown_alone = shown_now if shown_alone is None else shown_alone
        audit = partial(
            figures_to_withhold, figures, required=least_difference, partitions=list(_partitions(live)),
            overlapping=counted.overlapping, findings=findings,
        )  # fmt: skip
        read_now = ReadRelease(figures, list(_sums(live)), _kinds(report, counted.subject, counted.classes))
        narrowing = partial(that_narrow_a_range, read_now, required=least_difference, findings=findings)
        alone = audit(published)
        found = alone = alone | narrowing(read_before, withheld=alone)
        if others_figures:
            found = alone | audit([*published, *others_figures])
            found |= near_other_numbers(figures, others_figures, least_difference)
            found |= narrowing([*read_before, *map(_as_read_outside, outside)], withheld=found)
        if found <= withheld:
            break
        for where in sorted(found - withheld, key=sorted):
            if where not in alone:
                because_of[where] = _sharing(persons[where], outside)
            mine = class_of(dict(where), counted.classes)
            if mine in repeatable:
                repeats[mine] = repeatable[mine]
            else:
                withheld.add(where)
    # Others that had to be withheld so that these cannot be worked out.
    with_them = (shown_alone & {f.at for f in figures}) - shown_now - withheld
    if outside and not published:
        because_of |= {at: _sharing(persons[at], outside) for at in with_them}
    withheld |= with_them
    following = with_ranges_that_follow(
        tables,
        minimum_cell=counted.minimum_cell,
        relations=live.known["relations"],
        rates=live.known["rates"],
    )
    together = JointTables(
        tables=(*_merged(counted, following, repeats), *(_shown_if_unchanged(table, earlier) for table in others)),
        ranges_that_follow=_ranged(following) - _ranged(tables), of_pools=len(counted.alone),
        members=FigureMembers.of(
            {**counted.behind, **{at: p for at, p in persons.items() if class_of(dict(at), counted.classes) not in repeats}}, links_in_force()
        ),
        classes=counted.classes, repeats=repeats, withheld=frozenset(withheld), audited_with=tuple(e.id for e in earlier), outside=_names(any_of(persons.values()), outside), because_of=because_of,
        least_difference=least_difference, registry=registry,
        subject=counted.subject, rule=counted.rule, earlier=earlier, known=_known(live, repeats),
    )  # fmt: skip
    shown = _shown(_merged(counted, tables, repeats))
    for each in same:
        if not each.withdrawn and shown <= _shown(each.of_counts):
            raise AsPublished(
                f"Every figure would be as in release {each.id}, because fewer than {least_difference} students changed since; show that release.",
                code="covered", citations=[TOGETHER],
            )  # fmt: skip
    return together


def _names(persons: Numbers, outside: Iterable[OutsideCounts]) -> dict[str, str]:
    """The names of the tables from outside that count one of these persons, by id."""
    return {each.id: each.name for each in outside if both(each.persons, persons).size}


def _sharing(persons: Numbers, outside: Sequence[OutsideCounts]) -> tuple[str, ...]:
    """The ids of these tables; of all, where a figure counts none of their persons itself and follows from others that do."""
    return tuple(_names(persons, outside)) or tuple(dict.fromkeys(each.id for each in outside))


def _known(live: CountedTables, repeats: Mapping[Class, EarlierRelease]) -> dict[str, list[dict[str, Any]]]:
    """What a reader knows of the figures that are new, and what the earlier release said of those that stay as it published them."""
    known = live.known
    for release in {e.id: e for e in repeats.values()}.values():
        mine = {c for c, e in repeats.items() if e.id == release.id}
        for each in release.about.get("relations", []):
            if _all_of([each["total"], *each["parts"]], release, mine) and each["statistic"] == STUDENTS:
                known["relations"].append(each)
        known["public_sizes"] += [
            at for at in release.about.get("public_sizes", []) if _all_of([at], release, mine)
        ]
        known["rates"] += [
            r for r in release.about.get("rates", []) if _all_of([r["at"], *r["among"]], release, mine)
        ]
    return known


def _all_of(places: Sequence[Mapping[str, str]], release: EarlierRelease, classes: Collection[Class]) -> bool:
    return all(class_of(at, release.classes) in classes for at in places)


def _shown(tables: Iterable[ProtectedTable]) -> set[tuple[str, Place, int | str]]:
    """Every count and rate that is shown."""
    return {
        (c.statistic, place(c.at), c.shown)
        for t in tables
        for c in t.cells
        if c.shown is not None and c.statistic in (STUDENTS, "rate")
    }


def _ranged(tables: Iterable[ProtectedTable]) -> int:
    """How many counts are shown as a range, each once."""
    return len({place(c.at) for t in tables for c in t.cells if c.statistic == STUDENTS and c.ranged})


def _repeatable(same: Sequence[EarlierRelease]) -> dict[Class, EarlierRelease]:
    """The newest public release for each class."""
    found: dict[Class, EarlierRelease] = {}
    for each in same:
        if each.is_public:
            for table in each.of_counts:
                for cell in table.cells:
                    found.setdefault(class_of(cell.at, each.classes), each)
    return found


def _figures(tables: Iterable[ProtectedTable], persons: Mapping[Place, Numbers]) -> list[CountedFigure]:
    cells = {place(c.at): c for table in tables for c in table.cells if c.statistic == STUDENTS}
    return [CountedFigure(at, persons[at], cell.range, totals_of(at, persons)) for at, cell in cells.items()]


def _sums(counted: CountedTables) -> Iterator[FigureSum]:
    places = dict.fromkeys(cell.place for cell in counted.cells if cell.statistic == STUDENTS)
    yield from (FigureSum(total, tuple(parts)) for (total, _), parts in sums(places).items())
    for each in counted.relations:
        yield FigureSum(place(each.total), tuple(map(place, each.parts)), each.exact)


def _as_read(release: EarlierRelease) -> ReadRelease:
    places = dict.fromkeys(f.at for f in release.figures)
    within = [FigureSum(total, tuple(parts)) for (total, _), parts in sums(places).items()]
    for each in release.about.get("relations", []):
        if each.get("statistic", STUDENTS) == STUDENTS:
            within.append(
                FigureSum(place(each["total"]), tuple(map(place, each["parts"])), each.get("exact", True))
            )
    kind = _kinds(release.report, release.subject, release.classes)
    return ReadRelease(release.figures, within, kind)


def _as_read_outside(table: OutsideCounts) -> ReadRelease:
    return ReadRelease(table.figures, (), lambda at: table.id)


def _kinds(
    report: str, subject: str, classes: Mapping[tuple[str, str], str]
) -> Callable[[Place], tuple[str, str, Class]]:
    return lambda at: (report, subject, class_of(dict(at), classes))


def _partitions(counted: CountedTables) -> Iterator[Partition]:
    places = dict.fromkeys(cell.place for cell in counted.cells if cell.statistic == STUDENTS)
    for (total, dimension), parts in sums(places).items():
        yield Partition(total, tuple(parts), dimension)


def _merged(
    counted: CountedTables, tables: Sequence[ProtectedTable], repeats: Mapping[Class, EarlierRelease]
) -> Iterator[ProtectedTable]:
    """The protected tables, with the figures of the classes that stay as first published."""
    fresh = {table.title: table for table in tables}
    earlier = {release.id: release.of_counts for release in repeats.values()}
    shapes = {table.title: table.by for table in counted.tables}
    for listed in earlier.values():
        shapes |= {t.title: t.by for t in listed if t.title not in shapes}
    for title, by in shapes.items():
        cells: list[ProtectedCell] = list(fresh[title].cells) if title in fresh else []
        for mine, release in repeats.items():
            cells += [
                c for t in earlier[release.id] if t.title == title for c in t.cells if class_of(c.at, release.classes) == mine
            ]  # fmt: skip
        if cells:
            yield ProtectedTable(title, by, tuple(cells))


def _shown_if_unchanged(table: ProtectedTable, earlier: Sequence[EarlierRelease]) -> ProtectedTable:
    """The table, all withheld where an earlier release has a table of this title with other figures."""
    before = [t for each in earlier for t in each.tables if t.title == table.title]
    if all(t.to_json() == table.to_json() for t in before):
        return table
    return _withheld(table)


def _withheld(table: ProtectedTable) -> ProtectedTable:
    return replace(table, cells=tuple(replace(cell, shown=None) for cell in table.cells))

"""Reads the registry of releases: the list, the state of each, and what a reader may see of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from throughway.agreements.acts import BINDING
from throughway.core.prose import counted, day, listed
from throughway.core.refusals import Refused
from throughway.intake.load_history import Batch, LoadedChange
from throughway.intake.permissions import sees_loads_of
from throughway.intake.selectors import changes_after, changes_of, documents_in_effect, loads_read
from throughway.ledger.entry_search import publication_reasons
from throughway.ledger.selectors import sources_of
from throughway.partners import Actor
from throughway.partners.open_step import OpenStep
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import users
from throughway.publication.certificate import sealed_by
from throughway.publication.models import OutsideMembers, OutsideTable, Release, ReleaseEvent
from throughway.publication.outside_tables import OutsideFigure
from throughway.publication.permissions import Publisher, sees, sees_figures
from throughway.publication.policy import rates_sentence
from throughway.publication.release_document import digest, release_document
from throughway.publication.sentences import words_of
from throughway.publication.states import (
    DatedReleaseAct,
    ReleaseAct,
    ReleaseState,
    ReleaseStatus,
    notice,
    standing,
)
from throughway.publication.tables import ProtectedTable
from throughway.publication.told_effects import told_otherwise
from throughway.publication.verify_release import verify
from throughway.publication.why_withheld import why_withheld
from throughway.store import Community

STAYS_KNOWN = "Later releases are no longer checked with it. Whoever has read it still knows its figures: where it was right, add it again."


@dataclass(frozen=True)
class Published:
    """One release as registered. `about`: what the page needs besides figures."""

    id: str
    title: str
    at: datetime
    publisher: Publisher
    purpose: str
    on: date
    agreements: tuple[str, ...]
    minimum_cell: int
    disclosures: tuple[str, ...]  # the ledger's entries for what was read
    tables: tuple[ProtectedTable, ...]
    about: dict[str, Any]
    standing: ReleaseStatus
    certificate: dict[str, Any]  # empty where the tables are, and in older releases, which have none
    two_people: bool  # an agreement asks that a second person agrees before it is public

    @property
    def page(self) -> str:
        """The name of the page that draws it; empty where there is none."""
        return str(self.about.get("page") or "")

    @property
    def partner(self) -> str:
        return self.publisher.partner

    @property
    def data_through(self) -> dict[str, str]:
        """The day to which each partner's data go, by name; empty in older releases, which do not store it."""
        found: dict[str, str] = self.about.get("data_through", {})
        return found

    @property
    def rule(self) -> dict[str, str] | None:
        """The publication rule of its percentages: `name` and `source`; None in older releases."""
        return self.about.get("rule")

    @property
    def rule_sentence(self) -> str:
        """What the rule does to percentages; empty where the release names none."""
        return rates_sentence(self.rule)

    @property
    def figures(self) -> int:
        return sum(len(table.cells) for table in self.tables)

    @property
    def document(self) -> dict[str, Any]:
        """The release as everybody may read it and verify it (`release_document`)."""
        found = release_document(
            id=self.id, title=self.title, minimum_cell=self.minimum_cell,
            tables=[table.to_json() for table in self.tables], about=self.about,
        )  # fmt: skip
        return found | {"certificate": self.certificate or None}


@dataclass(frozen=True)
class OutsideKnowledge:
    """A table that somebody else has published about our students. `on`: the day that it describes; `question`: whom it counts, in SQL;
    empty: as the pipeline counts. `counted_for`: the purposes under which our records have said whom it counts."""

    id: str
    title: str
    publisher: str
    source: str
    on: date
    question: str
    figures: tuple[OutsideFigure, ...]
    by: str
    partner: str
    added: date
    removed: date | None
    removal_reason: str
    counted_for: frozenset[str]

    @property
    def name(self) -> str:
        return f"“{self.title}” ({self.publisher}, {day(self.on)})"

    @property
    def withheld(self) -> int:
        return sum(figure.withheld for figure in self.figures)


def outside_tables(*, removed: bool = False) -> list[OutsideKnowledge]:
    """The tables from outside, newest first. `removed`: also those that were removed."""
    rows = OutsideTable.objects.order_by("-at", "-id").prefetch_related(
        Prefetch("members", OutsideMembers.objects.only("table_id", "purpose"))
    )
    return [_outside(row) for row in (rows if removed else rows.filter(removed_at__isnull=True))]


def outside_table(id: str) -> OutsideKnowledge:
    """One table from outside, removed or not; Refused where there is none of that id."""
    row = OutsideTable.objects.filter(id=id.strip().upper()).first()
    if row is None:
        raise Refused(
            "No table from outside has that id; see `throughway publish outside list`.", code="unknown_table"
        )
    return _outside(row)


def _outside(row: OutsideTable) -> OutsideKnowledge:
    community: Community = settings.COMMUNITY
    return OutsideKnowledge(
        id=row.id, title=row.title, publisher=row.publisher, source=row.source, on=row.on_day, question=row.question,
        figures=tuple(map(OutsideFigure.from_json, row.figures)), by=row.by, partner=row.partner,
        added=community.day_of(row.at), removed=community.day_of(row.removed_at) if row.removed_at else None,
        removal_reason=row.removal_reason, counted_for=frozenset(each.purpose for each in row.members.all()),
    )  # fmt: skip


def outside_to_json(found: OutsideKnowledge) -> dict[str, object]:
    return {
        "id": found.id, "title": found.title, "publisher": found.publisher, "source": found.source, "day": found.on.isoformat(),
        "counts": found.question or "pipeline", "figures": len(found.figures), "withheld": found.withheld,
        "added": found.added.isoformat(), "by": found.by, "removed": iso(found.removed), "reason": found.removal_reason,
    }  # fmt: skip


def releases(reader: Actor) -> list[dict[str, str]]:
    """The releases that the reader may know of, newest first: id, title, when it was registered (ISO 8601, UTC), its state, and the
    day on which it became or will become public; empty where an objection holds it or it was withdrawn before."""
    return [
        {
            "id": each.id, "title": each.title, "at": each.at.isoformat(), "state": str(each.standing.state),
            "public_on": iso(each.standing.public_on),
        }
        for each in registered(reader)
    ]  # fmt: skip


def registered(reader: Actor, *reports: str) -> Sequence[Published]:
    """The releases that the reader may know of, without their tables, newest first; only these kinds of report where they are given."""
    found = (published_of(row, tables=False) for row in _rows_without_tables(*reports))
    return [each for each in found if sees(reader, each.standing, each.publisher)]


def published(id: str, reader: Actor, *, tables: bool = True) -> Published:
    """One release, with the figures that the reader may see; Refused where there is none of that id for this reader."""
    row = _row(id.strip().upper(), tables)
    if row is not None:
        known = published_of(row, tables=False)
        if sees(reader, known.standing, known.publisher):
            shown = tables and sees_figures(reader, known.standing, known.publisher)
            return published_of(row, tables=shown)
    raise Refused("No release has that id; see `throughway publish list`.", code="unknown_release")


def check_shown(found: Published, reader: Actor) -> None:
    """Refused where the reader may know of the release but not see its figures, because it was withdrawn."""
    if not sees_figures(reader, found.standing, found.publisher):
        raise Refused(f"Release {found.id}: {notice(found.standing)}", code="withdrawn")


def changed_since(found: Published) -> list[LoadedChange]:
    """What loads after the release changed of what it was counted from, dated on or before its day. Its figures stay as they were
    published."""
    return _counted_from(found, changes_after(found.at))


def releases_changed_by(load: str, reader: Actor) -> list[str]:
    """The titles of releases that stand, of those that the reader may know of, which were counted from rows that this load changed."""
    changes = changes_of(load)
    if not changes:
        return []
    standing = (each for each in registered(reader) if each.standing.withdrawn is None)
    return [each.title for each in standing if _counted_from(each, changes)]


def releases_resting_on(loads: Collection[str], reader: Actor) -> list[str]:
    """The titles of releases that stand, of those that the reader may know of, which rest on one of these loads."""
    return [
        each.title
        for each in registered(reader)
        if each.standing.withdrawn is None and not set(loads).isdisjoint(b.id for b in loads_of(each))
    ]


def loads_of(found: Published) -> tuple[Batch, ...]:
    """The loads on which a release rests, the oldest first: those of what it read that had landed by then and were not taken back."""
    return loads_read(sources_of(found.disclosures), found.at)


def _counted_from(found: Published, changes: Sequence[LoadedChange]) -> list[LoadedChange]:
    later = [each for each in changes if each.at > found.at and each.first <= found.on]
    read = sources_of(found.disclosures) if later else frozenset()
    return [each for each in later if (each.partner, each.table) in read]


def joint_notes(about: Mapping[str, Any]) -> list[str]:
    """What earlier releases and tables from outside changed in a release, in sentences. `about`: what the release stores; older ones have
    nothing of it."""
    names: Mapping[str, str] = about.get("outside", {})
    found = []
    for each in about.get("repeats", []):
        what = listed(each["of"]) or "All figures"
        since = day(date.fromisoformat(each["registered"]))
        together = _together([names[id] for id in each.get("outside", [])])
        found.append(
            f"{what}: as published in release {each['release']} of {since}, because the figures of today would differ in fewer "
            f"than {about['required']} students and so tell about them{together}. No day is set for new figures: they come with the first report "
            f"in which {about['required']} or more students have changed."
        )
    if many := about.get("withheld_beside"):
        releases = [id for id in about["beside"] if id not in names]
        found.append(
            f"{counted(many, 'count')} withheld, because together with {'release' if len(releases) == 1 else 'releases'} {listed(releases)} "
            f"they would tell about fewer than {about['required']} students."
        )
    if many := about.get("withheld_within"):
        found.append(
            f"{counted(many, 'figure')} withheld, because other figures of this release differ from "
            f"{'it' if many == 1 else 'them'} in fewer than {about['required']} students."
        )
    for many, ids in about.get("withheld_outside", []):
        found.append(
            f"{counted(many, 'count')} withheld, because{_together([names[id] for id in ids])} they would tell about fewer than "
            f"{about['required']} students."
        )
    if many := about.get("ranges_that_follow"):
        found.append(
            f"{counted(many, 'range')} {'says' if many == 1 else 'say'} no more than follows from the figures that are shown."
        )
    if left_out := about.get("left_out"):
        found.append(
            f"Left out, because {'it' if len(left_out) == 1 else 'they'} could not be protected together with the other tables: "
            f"{'; '.join(left_out)}."
        )
    if about.get("no_ranges"):  # a release from before there were such ranges
        found.append(
            "No new range stands in place of a withheld count, because other publications count some of the same students and two ranges "
            "could meet in a narrow one."
        )
    return found


def notes(found: Published) -> list[str]:
    """What a reader of the release must know, in sentences: the same on its page and in each of its files. Of a release without its tables,
    only what says nothing of its figures."""
    if not found.tables:
        return joint_notes(found.about)
    return list(
        dict.fromkeys(
            [
                *found.about.get("question", {}).get("notes", ()),
                *words_of(found.page).sentences(found),
                *found.about.get("linkage", {}).get("coarse", ()),
                *why_withheld(
                    found.tables, found.minimum_cell, found.about.get("question", {}).get("groups")
                ),
                *joint_notes(found.about),
            ]
        )
    )


def _together(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f" together with the {'table' if len(names) == 1 else 'tables'} {listed(names)} from outside"


def where(found: Published) -> dict[str, object]:
    """The state of a release, as JSON."""
    return {"release": found.id, "title": found.title, **_standing(found.standing)}


def _standing(found: ReleaseStatus) -> dict[str, object]:
    return {
        "state": str(found.state),
        "public_on": iso(found.public_on),
        "disclosers": list(found.disclosers),
        "missing": list(found.missing),
        "needs_approval": found.needs_approval,
        "objections": [_act_to_json(event) for event in found.objections],
        "withdrawn": _act_to_json(found.withdrawn) if found.withdrawn else None,
    }


def _act_to_json(event: DatedReleaseAct) -> dict[str, str]:
    return {"partner": event.partner, "on": event.on.isoformat(), "reason": event.reason}


def iso(on: date | None) -> str:
    """The day as ISO 8601; empty for None."""
    return on.isoformat() if on else ""


def newest(report: str) -> str | None:
    """The id of the latest public release of one kind of report."""
    rows = _rows_without_tables()  # all, as the open steps of the same page query them
    return next(
        (row.id for row in rows if row.about.get("report") == report and standing_of(row).is_public), None
    )


def release(id: str, reader: Actor) -> dict[str, object]:
    """One release as JSON; Refused as `published`. A withdrawn one has no tables. `loads`: those on which it rests, of partners whose loads
    the reader sees, the oldest first."""
    found, documents = published(id, reader), documents_in_effect()
    rests = [b for b in loads_of(found) if sees_loads_of(reader, b.partner, documents)]
    return {
        **release_to_json(found),
        "loads": [
            {"batch": b.id, "partner": b.partner, "taken_back": b.taken_back.get("at", "")} for b in rests
        ],
    }


def release_to_json(found: Published) -> dict[str, object]:
    """A release with its sources and its state."""
    return {
        "id": found.id,
        "title": found.title,
        "at": found.at.isoformat(),
        "by": found.publisher.email,
        "purpose": found.purpose,
        "as_of": found.on.isoformat(),
        "data_through": found.data_through,
        "agreements": list(found.agreements),
        "minimum_cell": found.minimum_cell,
        "disclosures": list(found.disclosures),
        **_standing(found.standing),
        **({"question": found.about["question"]} if "question" in found.about else {}),
        "notes": notes(found),
        "determination": found.about.get("determination"),
        **found.document,
    }


def verification(id: str, reader: Actor) -> dict[str, Any]:
    """What `verify_release` finds in one release, whether a study's finding tells the same effects, and whether the ledger says that it is the
    one that was published: `release`, `ok`,
    `problems`, `withheld`, `tables`, `minimum_cell`, `sha256`, `own_rules`. Refused as `published`, and for a withdrawn release."""
    found = published(id, reader)
    check_shown(found, reader)
    document = found.document
    result = verify([document])
    problems: list[str] = result["problems"]
    problems += told_otherwise(found.about.get("finding"), document["tables"])
    if found.certificate:
        # The entry is written in the release's own transaction.
        near = publication_reasons(found.at - timedelta(minutes=1), found.at + timedelta(minutes=10))
        if sealed_by({"releases": [{"id": found.id, "sha256": digest(document)}]}) not in near:
            problems.append(
                f"The ledger has no entry that release {found.id} was published with these figures."
            )
    return {
        "release": found.id, "ok": not problems, "problems": problems, "withheld": result["withheld"], "tables": result["tables"],
        "minimum_cell": result["minimum_cell"], "sha256": digest(document), "own_rules": result["own_rules"],
    }  # fmt: skip


def open_steps(on: date) -> list[OpenStep]:
    """Whom a release waits for: each discloser that has not agreed, and the publisher where there is an objection."""
    return [step for row in _rows_without_tables() for step in _steps(row, standing_of(row, on))]


def _steps(row: Release, found: ReleaseStatus) -> Iterator[OpenStep]:
    where: tuple[str, tuple[str, ...]] = ("publication:release", (row.id,))
    if found.state is ReleaseState.WAITING:
        since = max([found.registered, *(event.on for event in found.answers)])
        for partner in found.missing:
            if found.needs_approval:
                yield OpenStep(
                    "agree to release", "Agree to a report, as the second person", partner, BINDING, since, None, *where,
                    people=_others(partner, row.by), whom="others than its publisher",
                )  # fmt: skip
                continue
            yield OpenStep(
                "review release", "Review a report before it becomes public", partner, BINDING, since, found.public_on, *where
            )  # fmt: skip
    elif found.state is ReleaseState.HELD and row.partner:
        since = min(event.on for event in found.objections)
        yield OpenStep(
            "answer objection", "Answer an objection to a report", row.partner, BINDING, since, None, *where
        )


def _others(partner: str, publisher: str) -> frozenset[str]:
    """The addresses of those who can agree for the partner, without the publisher."""
    return frozenset(
        u.email for u in users() if u.partner == partner and u.role in BINDING and u.email != publisher
    )


def standing_of(row: Release, on: date | None = None) -> ReleaseStatus:
    """The state of a release on a day; default: today, by the community's clock."""
    community: Community = settings.COMMUNITY
    return standing(
        registered=community.day_of(row.at), review_days=row.review_days, disclosers=row.disclosers,
        events=[_dated(event, community) for event in row.events.all()], on=on or community.today(), two_people=row.two_people,
    )  # fmt: skip


def _dated(event: ReleaseEvent, community: Community) -> DatedReleaseAct:
    return DatedReleaseAct(ReleaseAct(event.act), event.partner, community.day_of(event.at), event.reason)


def release_rows() -> QuerySet[Release]:
    """Every release, newest first, with its events; its certificate, which can be large, only where it is read."""
    return Release.objects.order_by("-at", "-id").prefetch_related("events").defer("certificate")


@cached_per_request
def _row(id: str, tables: bool) -> Release | None:
    found = release_rows() if tables else release_rows().defer("tables")
    return found.filter(id=id).first()


@cached_per_request
def _rows_without_tables(*reports: str) -> list[Release]:
    rows = release_rows().defer("tables")
    return list(rows.filter(about__report__in=reports) if reports else rows)


def published_of(row: Release, *, tables: bool = True) -> Published:
    """One row of the registry, with or without its tables."""
    return Published(
        id=row.id, title=row.title, at=row.at, publisher=Publisher(row.by, row.partner), purpose=row.purpose, on=row.on_day,
        agreements=tuple(id for id, _ in row.agreements), minimum_cell=row.minimum_cell,
        disclosures=tuple(row.disclosures),
        tables=tuple(map(ProtectedTable.from_json, row.tables)) if tables else (), about=row.about,
        standing=standing_of(row), certificate=row.certificate if tables else {}, two_people=row.two_people,
    )  # fmt: skip

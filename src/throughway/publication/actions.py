"""Every write to the registry of releases."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from throughway.core.long_work import check_no_transaction
from throughway.core.personal_data import Gone
from throughway.core.prose import counted, day
from throughway.core.refusals import Refused
from throughway.gate.actions import links_in_force
from throughway.ledger.entry import Entry
from throughway.ledger.entry_search import contributing_records
from throughway.ledger.recording import append
from throughway.partners import Actor
from throughway.publication.acts import ACTS
from throughway.publication.certificate import certificate_of, sealed_by, summary_of
from throughway.publication.earlier_releases import (
    EarlierRelease,
    check_no_overlap,
    newest_preview,
    registry_state,
    told_before,
)
from throughway.publication.joint_release import JointTables
from throughway.publication.members import FigureMembers
from throughway.publication.models import (
    OutsideMembers,
    OutsideTable,
    PreviewedFigures,
    Release,
    ReleaseEvent,
    ReleaseMembers,
)
from throughway.publication.outside_counts import placed
from throughway.publication.outside_tables import read_outside_table
from throughway.publication.permissions import (
    check_can_answer,
    check_can_review,
    check_can_withdraw,
    check_keeps_outside_tables,
)
from throughway.publication.previews import REMEMBERED, Told, ToldFigure, as_told_before, place_of
from throughway.publication.release_document import release_document
from throughway.publication.selectors import OutsideKnowledge, Published, outside_table, published
from throughway.publication.states import ReleaseAct, ReleaseState, may
from throughway.publication.tables import ProtectedTable, RawTable
from throughway.store import Community
from throughway.store.record_numbers import Numbers

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that can be mistaken for another when read aloud
LENGTH = 8
LONGEST = 2_000  # characters of a reason
REGISTRY = 7_307_361  # the PostgreSQL lock that registers releases one after another
# Protected figures identify no student, so the entry names none; the entries of what was read name them all.
DETERMINATION = "34 CFR 99.31(b)(1)"
WITHOUT_PERSONS = "34 CFR 99.31(b)(1), no personally identifiable information"


class RegistryChanged(Exception):
    """The registry changed after the tables were audited: audit them again."""


def publish(
    *,
    report: str,
    title: str,
    tables: Sequence[ProtectedTable],
    purpose: str,
    on: date,
    agreements: Sequence[tuple[str, str]],
    minimum_cell: int,
    review_days: int,
    disclosures: Sequence[str],
    by: Actor,
    about: Mapping[str, Any] | None = None,
    joint: JointTables | None = None,
    two_people: bool = False,
    within: Callable[[str], None] = lambda release: None,
) -> Published:
    """Registers protected tables as one release; it is in review for `review_days`, and public at once where there are none.
    `two_people`: it is not public before a second person agrees. Refused (nobody_agrees) where it counts no partner's records, for which
    a second person could agree.

    Takes only ProtectedTables (TypeError otherwise), so that unprotected figures cannot be registered. `report`: the kind, such as
    pipeline. `joint`: the audit together with earlier releases; RegistryChanged where it is not current. Without it, refused (covered)
    where an earlier release of that kind covers one of its students. `agreements`: ids with versions; `disclosures`: the ledger entries of
    what was read. Writes one more entry, for the publication. `about`: what the page needs besides figures. `within(release id)` runs in
    the transaction that registers the release.

    The certificate is made before that transaction, which is short: it checks that the registry is still as it was audited, and writes.
    """
    check_no_transaction("a publication")
    for table in tables:
        if not isinstance(table, ProtectedTable):
            raise TypeError("only protected tables can be published")
    disclosers = list(contributing_records(disclosures).disclosers)
    if two_people and not disclosers:
        raise Refused(
            "An agreement asks that a second person agrees to this release, but it counts no partner's records, so nobody could.",
            code="nobody_agrees",
        )
    _check_registry(joint, report, disclosures)
    id = _new_id()
    shown = [table.to_json() for table in tables]
    found = joint.about() if joint else {}
    about = {
        **(about or {}), **found, "report": report, "determination": _determination(by),
        "relations": [*(about or {}).get("relations", []), *found.get("relations", [])],
    }  # fmt: skip
    if about.get("withheld_within") or about.get("of_pools"):  # not only for the sake of a small figure
        about["beside"] = [*about["beside"], id]
    certificate = _certificate(
        release_document(id=id, title=title, minimum_cell=minimum_cell, tables=shown, about=about)
    )
    members = joint.members.packed() if joint else None
    with transaction.atomic():
        _take_turns()
        _check_registry(joint, report, disclosures)
        release = Release.objects.create(
            id=id,
            title=title,
            at=datetime.now(UTC),
            by=by.email,
            partner=by.partner or "",
            purpose=purpose,
            on_day=on,
            agreements=[list(agreement) for agreement in agreements],
            minimum_cell=minimum_cell,
            disclosures=list(disclosures),
            tables=shown,
            about={**about, "certified": summary_of(certificate)},
            review_days=review_days,
            disclosers=disclosers,
            two_people=two_people,
            certificate=certificate,
        )
        if members is not None:
            ReleaseMembers.objects.create(release=release, packed=members)
        append(
            Entry(
                outcome="published",
                actor=by,
                purpose=purpose,
                on=on,
                agreements=tuple(agreements),
                rows=sum(len(table.cells) for table in tables),
                exempt=WITHOUT_PERSONS,
                reasons=(
                    f"Release {release.id}, from the figures of entries {', '.join(disclosures)}.",
                    sealed_by(certificate),
                ),
            )
        )
        within(release.id)
    return published(release.id, by)


def _check_registry(joint: JointTables | None, report: str, disclosures: Sequence[str]) -> None:
    """RegistryChanged where the audit is not current; without one, refused (covered) as `publish` says."""
    if joint is None:
        check_no_overlap(report=report, disclosures=disclosures)
    elif joint.registry != registry_state():
        raise RegistryChanged


def _determination(by: Actor) -> dict[str, str]:
    """That the publisher, who asked for it, has found that the release identifies no student, alone or with others."""
    community: Community = settings.COMMUNITY
    return {
        "by": by.email,
        "partner": by.partner or "",
        "on": community.today().isoformat(),
        "rule": DETERMINATION,
    }


def _certificate(document: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate of the release; Refused where it cannot be made, so that nothing is published."""
    try:
        made = certificate_of([document])
    except ValueError as error:
        raise Refused(f"These tables cannot be published, because {error}.", code="cannot_protect") from error
    if made["not_certified"]:
        first, more = made["not_certified"][0], len(made["not_certified"]) - 1
        also = f" and {counted(more, 'other figure')}" if more else ""
        raise Refused(
            f"A table cannot be protected: a reader could place the figure at {first}{also} too closely; ask for larger groups.",
            code="cannot_protect",
            citations=[DETERMINATION],
        )
    return made


@transaction.atomic
def act_on(act: ReleaseAct, *, release: str, by: Actor, reason: str = "") -> Published:
    """Records one act on a release: a discloser agrees, objects or withdraws its objection; the publisher answers or withdraws the
    release.

    Refused where the actor may not, where the release's state does not allow the act, and where a required reason is missing.
    """
    seen = published(release, by, tables=False)
    Release.objects.select_for_update().only("id").get(id=seen.id)  # one act at a time
    found = published(seen.id, by, tables=False)
    if act is ReleaseAct.ANSWER:
        check_can_answer(by, found.publisher)
    elif act is ReleaseAct.WITHDRAW:
        check_can_withdraw(by, found.publisher)
    else:
        _check_review(act, found, by)
    reason = _reason(reason) if ACTS[act].needs_reason else ""
    if not may(found.standing.state, act):
        raise Refused(
            f"Release {found.id} is {STATES[found.standing.state]}, so {ACTS[act].impossible}.", code="state"
        )
    ReleaseEvent.objects.create(
        release_id=found.id,
        act=act,
        partner=by.partner or "",
        by=by.email,
        at=datetime.now(UTC),
        reason=reason,
    )
    return published(found.id, by, tables=False)


def _check_review(act: ReleaseAct, found: Published, by: Actor) -> None:
    check_can_review(by, found.standing.disclosers)
    own = any(event.partner == by.partner for event in found.standing.objections)
    if act is ReleaseAct.TAKE_BACK and not own:
        raise Refused(f"{by.partner} has no objection to release {found.id}.", code="state")
    if act is ReleaseAct.AGREE and found.two_people and by.email == found.publisher.email:
        raise Refused(
            f"You published release {found.id}, and an agreement asks for two people; another leader, privacy officer or data steward "
            "of a partner whose records it counts must agree.",
            code="two_people",
        )
    if act is ReleaseAct.AGREE and by.partner not in found.standing.missing:
        raise Refused(f"{by.partner} has already agreed to release {found.id}.", code="state")


STATES = {
    ReleaseState.WAITING: "under review",
    ReleaseState.HELD: "held by an objection",
    ReleaseState.PUBLIC: "public",
    ReleaseState.WITHDRAWN: "withdrawn",
}


def _reason(reason: str) -> str:
    """The reason in one line; Refused where it is missing or too long."""
    found = " ".join(reason.split())
    if not found:
        raise Refused("Give the reason in a sentence; the other partners read it.", code="no_reason")
    if len(found) > LONGEST:
        raise Refused(f"Shorten the reason to {LONGEST:,} characters.", code="too_long")
    return found


def tell_preview(
    figures: Sequence[ToldFigure],
    *,
    earlier: Sequence[EarlierRelease],
    minimum: int,
    agreements: Sequence[str],
    disclosures: Sequence[str],
    by: Actor,
) -> list[Told]:
    """What a preview tells of each figure that counts enough students (`previews.as_told_before`). Whom those count of which nobody was told
    before is stored. `earlier`: the releases about these students. The ledger's entries of what was read say who asked."""
    while True:
        newest = newest_preview()
        told, new = as_told_before(figures, told_before(earlier), minimum)
        if not new or _remembered(new, newest, agreements, disclosures):
            return told


def _remembered(
    figures: Sequence[ToldFigure], newest: int, agreements: Sequence[str], disclosures: Sequence[str]
) -> bool:
    """Stores whom these figures of a preview count, and forgets the oldest previews beyond those that are remembered. False where another
    preview was remembered since `newest`: compare again."""
    persons = {place_of(number, figure): figure.persons for number, figure in enumerate(figures)}
    packed = FigureMembers.of(persons, links_in_force()).packed()
    disclosers = list(contributing_records(disclosures).disclosers)
    with transaction.atomic():
        _take_turns()
        if newest_preview() != newest:
            return False
        PreviewedFigures.objects.create(
            at=datetime.now(UTC), agreements=list(agreements), disclosers=disclosers, packed=packed
        )
        beyond = PreviewedFigures.objects.order_by("-id").values_list("id", flat=True)[REMEMBERED:]
        PreviewedFigures.objects.filter(id__in=list(beyond)).delete()
    return True


def forget_members(gone: Gone) -> dict[str, int]:
    """Deletes the stored persons of every release, table from outside and preview that rest on an ended agreement, and the record numbers of
    destroyed records from all others. Returns how many of each were changed."""
    records = np.sort(np.fromiter(gone.numbers, np.int64))
    releases = sum(
        _forgotten(row, gone, records, [id for id, _ in row.release.agreements], row.release.disclosers)
        for row in ReleaseMembers.objects.select_related("release")
    )
    tables = sum(
        _forgotten(row, gone, records, row.agreements, row.disclosers) for row in OutsideMembers.objects.all()
    )
    previews = sum(
        _forgotten(row, gone, records, row.agreements, row.disclosers)
        for row in PreviewedFigures.objects.all()
    )
    changed = {
        "releases whose counted students were forgotten": releases,
        "tables from outside whose counted students were forgotten": tables,
        "previews whose counted students were forgotten": previews,
    }
    return {what: many for what, many in changed.items() if many}


def _forgotten(
    row: ReleaseMembers | OutsideMembers | PreviewedFigures,
    gone: Gone,
    records: Numbers,
    agreements: Collection[str],
    disclosers: Collection[str],
) -> bool:
    """Whether the persons of this row had to be changed or deleted."""
    if gone.agreement in agreements or gone.empty & {*disclosers}:
        row.delete()
        return True
    before = FigureMembers.unpacked(bytes(row.packed))
    after = before.without(records)
    if after.records.size == before.records.size:
        return False
    row.packed = after.packed()
    row.save(update_fields=["packed"])
    return True


@transaction.atomic
def add_outside_table(
    *, title: str, publisher: str, source: str, on: date, figures: str, question: str = "", by: Actor
) -> OutsideKnowledge:
    """Records a table that somebody else has published about our students, from its CSV text (`outside_tables`). `on`: the day that it
    describes; `question`: whom it counts, in SQL; empty: as the pipeline counts.

    Every later release is audited together with it. Refused where the figures cannot be read, and for whoever keeps no registers.
    """
    check_keeps_outside_tables(by)
    community: Community = settings.COMMUNITY
    texts = {"title": title, "publisher": publisher, "source": source}
    texts = {name: " ".join(text.split()) for name, text in texts.items()}
    for name, text in texts.items():
        most = 500 if name == "source" else 200
        if not text or len(text) > most:
            raise Refused(f"Give the {name} of the table in at most {most} characters.", code="outside_table")
    if on > community.today():
        raise Refused("The day that the table describes is in the future; give the day of its figures.", code="outside_table")  # fmt: skip
    found = read_outside_table(figures)
    row = OutsideTable.objects.create(
        id=_new_id(), **texts, on_day=on, question=question.strip(), figures=[figure.to_json() for figure in found],
        at=datetime.now(UTC), by=by.email, partner=by.partner or "",
    )  # fmt: skip
    return outside_table(row.id)


@transaction.atomic
def remove_outside_table(*, table: str, reason: str, by: Actor) -> OutsideKnowledge:
    """Removes a table that was entered wrongly: later releases are no longer audited together with it. What is public stays public, so a
    table that is right stays. Refused without a reason, for whoever keeps no registers, and where it is removed already."""
    check_keeps_outside_tables(by)
    reason = _reason(reason)
    row = OutsideTable.objects.select_for_update().get(id=outside_table(table).id)
    if row.removed_at is not None:
        raise Refused(f"Table {row.id} is removed already.", code="state")
    row.removed_at, row.removed_by, row.removal_reason = datetime.now(UTC), by.email, reason
    row.save(update_fields=["removed_at", "removed_by", "removal_reason"])
    row.members.all().delete()
    return outside_table(row.id)


@transaction.atomic
def record_outside_members(
    *,
    table: str,
    purpose: str,
    agreements: Sequence[str],
    disclosures: Sequence[str],
    tables: Sequence[RawTable],
    by: Actor,
) -> None:
    """Stores whom a table from outside counts by our records, from our own counts as a purpose shows them. Refused where they have none
    of its figures."""
    found = outside_table(table)
    try:
        persons, figures = placed(found.figures, tables)
    except ValueError as error:
        raise Refused(
            f"The table {found.name} from outside names {error}, which our own counts of {day(found.on)} do not have, so no release "
            "can be checked with it; a data steward removes it, and adds it again with the names of our counts and without students "
            "whom no partner’s records have.",
            code="outside_table", citations=[DETERMINATION],
        ) from None  # fmt: skip
    OutsideMembers.objects.update_or_create(
        table_id=found.id, purpose=purpose,
        defaults={
            "agreements": list(agreements), "disclosers": list(contributing_records(disclosures).disclosers),
            "figures": [figure.to_json() for figure in figures],
            "packed": FigureMembers.of(persons, links_in_force()).packed(), "at": datetime.now(UTC), "by": by.email,
        },
    )  # fmt: skip


def _new_id() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _take_turns() -> None:
    """Registers releases one after another, so that each sees the ones before. SQLite's IMMEDIATE transactions already do so."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REGISTRY])

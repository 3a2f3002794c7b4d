"""Reads of loads and uploads, and of a partner's stored data."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from throughway.agreements.agreement_list import may_see
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import grants_of, grants_of_text
from throughway.agreements.enums import PartyRole
from throughway.agreements.grant import Grant
from throughway.agreements.selectors import agreement_statuses, in_effect
from throughway.agreements.states import BEGUN
from throughway.agreements.status import AgreementStatus
from throughway.core.cache import Cache
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed, needs
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.entered_rows import ENTERED
from throughway.intake.feed_gaps import KINDS, Feed
from throughway.intake.feeds.contract import Earlier, FeedFinding
from throughway.intake.feeds.status import ExpectedFeed, FeedState, notice_of
from throughway.intake.formats import DIRECTORY
from throughway.intake.inspection.whose_file import kept_name
from throughway.intake.load_history import Batch, LoadedChange, Unjudged, unjudged
from throughway.intake.load_report import Counts, groups
from throughway.intake.models import OPEN, IntakeBatch, Upload, UploadState
from throughway.intake.permissions import can_load, check_can_load, sees_loads_of
from throughway.intake.raw_cells import sql_text
from throughway.partners import Actor, PartnerFacts, PartnerKind
from throughway.partners.actor import OFFICERS
from throughway.partners.open_step import OpenStep
from throughway.partners.selectors import known, own_kind, partners
from throughway.partners.systems.system import Holding
from throughway.store.engine import DuckDBEngine
from throughway.store.selectors import Snapshot, current_community, snapshot
from throughway.store.vault import Vault
from throughway.vocabulary import TABLES, Table
from throughway.vocabulary.school_calendar import year_end, year_start


def documents_in_effect() -> list[AgreementDocument]:
    """The agreements in effect today."""
    return [each.document for each in in_effect(date.today())]


def grants_that_admit(partner: str, on: date) -> Sequence[Grant]:
    """The grants of agreements in effect under whose custody this partner's records may be stored; Refused where there are none."""
    every = agreement_statuses(on)
    grants = [grant for standing in every for grant in grants_of(standing, every)]
    if not any(grant.discloser == partner for grant in grants) and not needs(grants, partner):
        raise _nothing_in_effect(partner, every)
    return grants


def _nothing_in_effect(partner: str, every: Sequence[AgreementStatus]) -> Refused:
    reasons = [s.reason for s in every if partner in s.document.partners and not s.in_effect]
    because = f" ({'; '.join(reason.rstrip('.') for reason in reasons)})" if reasons else ""
    return Refused(
        f"No agreement in effect needs records of {partner}{because}, so none of its files can be loaded; "
        f"first activate an agreement that names it as discloser.",
        code="no_agreement",
        citations=("34 CFR 99.30",),
    )


def needs_of(partner: str, *, by: Actor) -> Mapping[str, TableNeed]:
    """What the agreements in effect need of the partner, by table; Refused for who may not load its files, and where there are none."""
    known(partner)
    check_can_load(by, partner, documents_in_effect())
    return needs(grants_that_admit(partner, date.today()), partner)


def senders_for(
    actor: Actor, register: Mapping[str, PartnerFacts], documents: Collection[AgreementDocument]
) -> dict[str, str]:
    """The partners whose files the actor may load, by name; for a steward, only those that give records here."""
    gives = {p for document in documents for p in document.parties_with(PartyRole.DISCLOSER)}
    return {
        id: facts.name
        for id, facts in register.items()
        if can_load(actor, id, documents) and (id in gives or (id == actor.partner and not gives - {id}))
    }


def batch_of(id: str) -> Batch | None:
    """The load with that id."""
    found = IntakeBatch.objects.filter(id=id).first()
    return _batch(found) if found is not None else None


def batches(partners: Collection[str] | None) -> list[Batch]:
    """Every load, newest first. `partners`: only theirs; None: all."""
    found = IntakeBatch.objects.order_by("-at", "-id")
    if partners is not None:
        found = found.filter(partner__in=list(partners))
    return [_batch(batch) for batch in found]


def earlier_names(partners: Collection[str]) -> dict[str, frozenset[str]]:
    """The names of these partners' files that came, as `kept_name` keeps them, each with the partners that sent it; without those that
    were given another name here, because their own says too much."""
    found: dict[str, set[str]] = {}
    sources = IntakeBatch.objects.filter(partner__in=list(partners), refusal="", taken_back={}).values_list(
        "source", "partner"
    )
    for name, partner in sources.distinct():
        found.setdefault(kept_name(name), set()).add(partner)
    return {name: frozenset(who) for name, who in found.items() if name != "upload"}


def cannot_tell(partners: Collection[str] | None) -> list[Unjudged]:
    """Rows in the newest loads whose scope cannot be decided, by partner and table."""
    return unjudged(b for b in batches(partners) if b.format != ENTERED and not b.taken_back)


def feeds(partners: Collection[str] | None, today: date) -> list[Feed]:
    """The stored rows of each kind of record that arrives all year. `partners`: only theirs; None: all."""
    with snapshot() as stored:
        held: dict[tuple[str, str], set[int]] = {}
        for file in stored.stored():
            in_a_year = file.table in KINDS and file.rows and file.school_year
            if in_a_year and (partners is None or file.partner in partners):
                held.setdefault((file.partner, file.table), set()).add(file.school_year)
        return [
            Feed(partner, table, frozenset(years), stored.last_day(table, partner, today))
            for (partner, table), years in sorted(held.items())
        ]


def expected_feeds(
    partners: Collection[str] | None, on: date, loads: Sequence[Batch] | None = None
) -> list[ExpectedFeed]:
    """The feeds of which something is expected, by the names of their crosswalks; `partners`: only theirs; None: all. A crosswalk that
    cannot be read expects nothing: `throughway crosswalk check` says what is wrong with it. `loads`: theirs, where the caller has them."""
    found = []
    own_loads = batches(partners) if loads is None else loads
    loads = [batch for batch in own_loads if batch.feed and not batch.taken_back]
    for path in sorted(current_community().crosswalks.glob("*.yaml")):
        written = path.stat()
        mapped = _CROSSWALKS.of((path, written.st_mtime_ns, written.st_size), partial(_readable, path))
        if mapped is None:
            continue
        if mapped.feed is not None and (partners is None or mapped.feed.partner in partners):
            own = tuple(b for b in loads if (b.feed, b.partner) == (path.name[:200], mapped.feed.partner))
            found.append(ExpectedFeed(path.name, mapped.source.format, mapped.feed, own, on))
    return found


def crosswalks_used_for(partner: str) -> dict[str, Crosswalk]:
    """The crosswalks by which files of that partner were loaded on the site, the newest first, and those that were saved for it, by the names
    of their files; without those of which something is expected (`feed`), which the one who keeps the feed changes."""
    used = Upload.objects.filter(partner=partner, state=UploadState.DONE).exclude(crosswalk="")
    folder, ids = current_community().crosswalks, sorted(partners(), key=len)
    saved = [path.name for path in sorted(folder.glob(f"{partner}-*.yaml"))]
    # oak-east-students.yaml may be of oak-east, and not of oak
    own = [name for name in saved if [id for id in ids if name.startswith(f"{id}-")][-1:] == [partner]]
    found = {}
    for name in dict.fromkeys([*used.order_by("-at").values_list("crosswalk", flat=True), *own]):
        if (folder / name).is_file() and (mapped := _readable(folder / name)) and mapped.feed is None:
            found[name] = mapped
    return found


def _readable(path: Path) -> Crosswalk | None:
    try:
        return Crosswalk.of_file(path)
    except Refused:
        return None


_CROSSWALKS = Cache[Crosswalk | None](256)  # homes ask for all of them


def notice_for(id: str, *, by: Actor) -> tuple[Batch, str]:
    """A load, and what to tell its partner about it; Refused for who may not see the partner's loads."""
    found = batch_of(id)
    if found is None or not sees_loads_of(by, found.partner, documents_in_effect()):
        raise Refused(
            "No load of that id is there for you; see `throughway feed list --json`.", code="unknown_batch"
        )
    problems = groups(current_community().quarantine / f"{found.id}.csv")
    return found, notice_of(found, known(found.partner).name, problems)


def open_steps(on: date) -> list[OpenStep]:
    """Feeds that are late or were stopped wait for their partner's people."""
    return [
        OpenStep(
            f"feed {feed.state}", f"{'Send the right file, or say why it is right' if feed.stopped else 'Send the file that is due'}: {feed.name}",
            feed.contract.partner, OFFICERS, feed.stopped.at.date() if feed.stopped else feed.due or on, feed.due, "intake:feeds",
        )
        for feed in expected_feeds(None, on)
        if feed.state in (FeedState.LATE, FeedState.STOPPED)
    ]  # fmt: skip


def last_accepted(partner: str, feed: str) -> Earlier | None:
    """The newest file of the feed that was loaded, whether or not anything in it was new."""
    found = IntakeBatch.objects.filter(partner=partner, feed=feed, refusal="", taken_back={})
    newest = found.order_by("-at", "-id").first()
    return None if newest is None else _earlier(_batch(newest))


def last_alike(partner: str, format: str, kinds: Collection[str]) -> Earlier | None:
    """The partner's newest file of that format that had rows of these tables and of no other."""
    loads = IntakeBatch.objects.filter(partner=partner, format=format, refusal="", taken_back={})
    for found in loads.order_by("-at", "-id"):
        if found.counts.keys() == set(kinds):
            return _earlier(_batch(found))
    return None


def row_keys(partner: str, table: str) -> dict[str, list[str]]:
    """By load of the partner, what told its rows of that table apart (`TableMap.row_key`)."""
    found = IntakeBatch.objects.filter(partner=partner, row_keys__has_key=table)
    return {id: keys[table] for id, keys in found.values_list("id", "row_keys")}


def taken_back_before(entry: IntakeBatch, read: Mapping[str, int]) -> Batch | None:
    """The last load of the same file, where it was taken back: of the same bytes; or, where an earlier version loaded it, which kept no
    digest, of the same partner and format with as many rows of each kind. `read`: rows by table or kind of record."""
    loads = IntakeBatch.objects.filter(partner=entry.partner, format=entry.format, refusal="")
    for found in loads.order_by("-at", "-id"):
        same = {table: counts["read"] for table, counts in found.counts.items()} == read
        if found.digest == entry.digest if found.digest else same:
            return _batch(found) if found.taken_back else None
    return None


def _earlier(batch: Batch) -> Earlier:
    read = {table: counts.read for table, counts in batch.counts.items()}
    return Earlier(batch.at.date(), read, batch.unmapped or frozenset())


def changes_after(moment: datetime) -> list[LoadedChange]:
    """What loads since then changed, oldest first: new, corrected and withdrawn rows of tables with days; and what was changed by taking
    earlier loads back."""
    found = IntakeBatch.objects.filter(at__gt=moment, refusal="").order_by("at", "id")
    undone = IntakeBatch.objects.filter(at__lte=moment).exclude(taken_back={}).order_by("at", "id")
    later = [
        (batch, at) for batch in undone if (at := datetime.fromisoformat(batch.taken_back["at"])) > moment
    ]
    return [change for batch in found for change in _changes(batch)] + [
        replace(change, at=at) for batch, at in later for change in _changes(batch)
    ]


def changes_of(load: str) -> list[LoadedChange]:
    """What one load changed."""
    return [change for batch in IntakeBatch.objects.filter(id=load, refusal="") for change in _changes(batch)]


def loads_read(sources: Collection[tuple[str, str]], at: datetime) -> tuple[Batch, ...]:
    """The loads that brought rows of these tables, each of a partner, or found them there, by that moment, the oldest first; without those
    that had been taken back by then."""
    partners = sorted({partner for partner, _ in sources})
    found = []
    for batch in IntakeBatch.objects.filter(partner__in=partners, at__lte=at, refusal="").order_by(
        "at", "id"
    ):
        gone = batch.taken_back and datetime.fromisoformat(batch.taken_back["at"]) <= at
        tables = {table for table, counts in batch.counts.items() if counts["landed"] or counts["unchanged"]}
        if not gone and any((batch.partner, table) in sources for table in {*tables, *batch.withdrawn}):
            found.append(_batch(batch))
    return tuple(found)


def _changes(batch: IntakeBatch) -> list[LoadedChange]:
    return [
        LoadedChange(batch.partner, table, batch.at, date.fromisoformat(first), date.fromisoformat(last))
        for table, (first, last) in batch.days.items()
    ]


def stored_tables() -> dict[str, frozenset[str]]:
    """The tables of which each partner has rows in the store."""
    found: dict[str, set[str]] = {}
    with snapshot() as stored:
        for file in stored.stored():
            if file.rows and file.table in TABLES:
                found.setdefault(file.partner, set()).add(file.table)
    return {partner: frozenset(tables) for partner, tables in found.items()}


def last_landing() -> datetime | None:
    """When rows of students were stored last."""
    loads = (
        IntakeBatch.objects.filter(refusal="", taken_back={}).exclude(format=DIRECTORY).order_by("-at", "-id")
    )
    return next((load.at for load in loads if _batch(load).total.landed), None)


def covering_text(partner: str, table: str) -> set[str]:
    """The agreements under whose keys free text of a partner's table belongs that was stored before, of those that began and are not
    destroyed: those that need any of it, in effect or ended, and those under which it came. Where there is none, those that open the
    partner's keys of its students, so that it dies with the last of them."""
    every = agreement_statuses(date.today())
    grants = [grant for status in every if status.state in BEGUN for grant in grants_of_text(status, every)]
    need = needs(grants, partner).get(table)
    covering = set(need.agreements_of(TABLES[table].free_text)) if need else set()
    covering |= {id for batch in batches({partner}) if table in batch.counts for id, _ in batch.agreements}
    keyring = Vault(current_community()).keyring
    destroyed = keyring.buried().agreements.keys()
    if not covering - destroyed:
        with snapshot() as stored:
            keys = stored.stored("record_key", partner)
        covering = {id for file in keys for id in keyring.openers(file.id)}
    return covering - destroyed


def own_learners(partner: str, numbers: Collection[int]) -> dict[int, str]:
    """Of these record numbers the partner's own, each with the partner's key of the learner; of several keys the one that the partner's
    files brought first."""
    with snapshot() as stored:
        keys = stored.sealed("record_key", partner)
    wanted = pc.and_(pc.equal(keys["kind"], "person"), pc.is_in(keys["record"], pa.array(sorted(numbers), pa.int64())))  # fmt: skip
    rows = keys.filter(wanted).sort_by([("record", "ascending"), ("key", "descending")])
    return dict(zip(rows["record"].to_pylist(), rows["key"].to_pylist(), strict=True))


def learner_key(partner: str, number: int) -> str:
    """The partner's key of one of its learners. Refused (unknown_student) where the number is not the partner's."""
    found = own_learners(partner, [number])
    if number not in found:
        raise Refused(
            "Your organization’s records have no such student any more; open the list again.",
            code="unknown_student",
        )
    return found[number]


def _batch(found: IntakeBatch) -> Batch:
    facts = {
        name: getattr(found, name)
        for name in (
            "id",
            "partner",
            "format",
            "source",
            "at",
            "by",
            "cells_emptied",
            "refusal",
            "feed",
            "accepted",
            "withdrawn",
            "row_keys",
            "days",
            "found",
            "digest",
            "taken_back",
        )
    }
    return Batch(
        **facts,
        findings=tuple(FeedFinding(**finding) for finding in found.findings),
        agreements=tuple((agreement, version) for agreement, version in found.agreements),
        counts={table: Counts(**counts) for table, counts in found.counts.items()},
        refused_columns=tuple(found.refused_columns),
        unmapped=frozenset(found.unmapped) if found.unmapped is not None else None,
    )


def landed(partner: str) -> tuple[Holding, ...]:
    """The partner's elements that are filled in any stored row, each with the first and last day of its table's rows, or the school years
    of a table without days. It returns no value and no count."""
    with snapshot() as stored, DuckDBEngine() as engine:
        found = [_holdings(engine, stored, table, partner) for table in TABLES.values()]
    return tuple(holding for of_table in found for holding in of_table)


def elements_needed(by: Actor, on: date) -> dict[str, frozenset[str]]:
    """Partner → the elements that agreements in effect need of it, as far as the reader may see these agreements."""
    every, known_partners = agreement_statuses(on), partners()
    grants = [
        grant
        for standing in every
        if by.is_operator or may_see(by, standing.document, known_partners)
        for grant in grants_of(standing, every)
    ]
    found = {}
    for partner in known_partners:
        paths = {
            f"{table}.{name}"
            for table, need in needs(grants, partner).items()
            for name in need.columns
            if name in TABLES[table].elements and name != "person_id" and not TABLES[table].typed
        }
        if paths:
            found[partner] = frozenset(paths)
    return found


def elements_landed(by: Actor) -> dict[str, frozenset[str]]:
    """Partner → the elements that are filled in any stored row, for the partners whose loads and agreements the reader may all see: the
    own one, and every one for the backbone. Otherwise an element could be called needless that an unseen agreement needs."""
    documents = documents_in_effect()
    sees_all = by.is_operator or own_kind(by) is PartnerKind.BACKBONE
    with snapshot() as stored:
        files = {p: tuple(sorted(f.id for f in stored.stored(partner=p))) for p in partners()}
    return {
        partner: _LANDED.of((partner, ids), partial(_elements_of, partner))
        for partner, ids in files.items()
        if partner == by.partner or (sees_all and (by.is_operator or sees_loads_of(by, partner, documents)))
    }


_LANDED = Cache[frozenset[str]](64)


def _elements_of(partner: str) -> frozenset[str]:
    """Without `person_id`, which comes with every table and is nobody's choice."""
    return frozenset(h.element for h in landed(partner) if not h.element.endswith(".person_id"))


def _holdings(engine: DuckDBEngine, stored: Snapshot, table: Table, partner: str) -> list[Holding]:
    files = stored.stored(table.name, partner)
    if not files:
        return []
    if table.vaulted:
        filled = _filled_in_memory(table, stored.sealed(table.name, partner))
    else:
        filled = _filled_by_statistics(engine, [file.path for file in files])
        filled |= _filled_in_memory(table, stored.text(table.name, partner)) if table.free_text else {}
    days = [day for name in {*table.starts, *table.ends} & filled.keys() for day in filled[name]]
    years = [file.school_year for file in files if file.school_year]
    period: tuple[date | None, date | None] = (None, None)
    if days:
        period = min(days), max(days)
    elif years:
        period = year_start(min(years)), year_end(max(years))
    # A learner's key is stored as a record number.
    columns = {"person_id": "person_record"}
    return [Holding(f"{table.name}.{n}", *period) for n in table.elements if columns.get(n, n) in filled]


def _filled_in_memory(table: Table, rows: pa.Table) -> dict[str, list[date]]:
    """The columns with a value in any row; for days, the first and the last."""
    days = {*table.starts, *table.ends}
    return {
        name: [_day(value) for value in pc.min_max(rows[name]).as_py().values()] if name in days else []
        for name in rows.column_names
        if rows[name].null_count < rows.num_rows
    }


def _filled_by_statistics(engine: DuckDBEngine, files: Sequence[Path]) -> dict[str, list[date]]:
    """The same for Parquet files, from the statistics of their row groups, which every file of the store has."""
    found = engine.run(
        "SELECT path_in_schema AS name, TRY_CAST(min(stats_min) AS DATE) AS first, TRY_CAST(max(stats_max) AS DATE) AS last"
        f" FROM parquet_metadata([{', '.join(sql_text(str(path)) for path in files)}])"
        " WHERE stats_null_count < num_values GROUP BY name"
    )
    return {
        row["name"]: [day for day in (row["first"], row["last"]) if day is not None]
        for row in found.to_pylist()
    }


def _day(value: datetime | date) -> date:
    return value.date() if isinstance(value, datetime) else value


def uploads_under_way(partners: Collection[str] | None) -> list[Upload]:
    """Unfinished uploads, newest first. `partners`: only theirs; None: all."""
    found = Upload.objects.filter(state__in=OPEN).order_by("-at", "id")
    if partners is not None:
        found = found.filter(partner__in=list(partners))
    return list(found[:20])


def sent_together(upload: Upload) -> list[Upload]:
    """What the same person sent of the same partner in the hour before it, the newest first."""
    since = upload.at - timedelta(hours=1)
    return list(
        Upload.objects.filter(by=upload.by, partner=upload.partner, at__gt=since, at__lt=upload.at).order_by(
            "-at"
        )[:20]
    )

"""Loading: a partner's file is stored under its agreements in effect, everything permitted, atomically."""

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.agreements.grant import Grant
from throughway.consent.selectors.decisions import consent_status
from throughway.consent.selectors.rights import transfers
from throughway.core.refusals import Refused
from throughway.intake import plausibility
from throughway.intake.change_detection import FinishedRows
from throughway.intake.contract import TableNeed, needs, refuse_key_of_names
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.entered_rows import ENTERED, ENTERED_HERE, EnteredRows
from throughway.intake.feeds.contract import FeedContract, FeedFinding, judge, stopping
from throughway.intake.feeds.measures import days_touched, tables_seen
from throughway.intake.file_digest import digest_of
from throughway.intake.formats import BY_CROSSWALK, FormatReader, reader_of
from throughway.intake.inspection.earlier_mapping import explained
from throughway.intake.inspection.whose_file import named_in
from throughway.intake.landing import Landing, land_tables
from throughway.intake.load_context import LoadContext, StoredPart
from throughway.intake.load_report import Counts, Loaded, ProblemLine, why_nothing, write_problems
from throughway.intake.models import IntakeBatch
from throughway.intake.permissions import check_can_load
from throughway.intake.quarantine import write_quarantine
from throughway.intake.raw_cells import load_engine
from throughway.intake.row_conversion import record_number
from throughway.intake.safe_names import KeptNames, QuotesHeading, file_name
from throughway.intake.selectors import (
    cannot_tell,
    covering_text,
    documents_in_effect,
    earlier_names,
    grants_that_admit,
    landed,
    last_accepted,
    last_alike,
    row_keys,
    taken_back_before,
)
from throughway.intake.source_files import stamp
from throughway.intake.staging import StagedTables
from throughway.partners import Actor
from throughway.partners.permissions import check_can_keep_systems
from throughway.partners.selectors import check_acts_for, known, own_kind, partners
from throughway.partners.systems.actions import Entered, enter_loaded
from throughway.store import durable_files, process_locks, schemas
from throughway.store.actions import text_sealing
from throughway.store.actions.landing import NewFile, land, staging
from throughway.store.actions.record_keys import reserve_records, turn_of
from throughway.store.actions.removal import sweep
from throughway.store.selectors import Snapshot, current_community, snapshot
from throughway.store.vault import Vault
from throughway.vocabulary import TABLES

Progress = Callable[[str, float], None]

# Loads of one partner run one after another, so that a row in two of them is stored once. Seconds to wait.
PATIENCE = 600.0
PATIENCE_ON_A_PAGE = 10.0  # somebody waits for the answer
ATTEMPTS = 3  # when a correction or a destruction changes the same files at the same time
READING = 0.5  # share of the progress for reading
MOST_DELETED = 20  # percent of the stored rows of a table that one file deletes without a reason
FEW_DELETED = 50  # rows that it deletes in any case


def load(
    *,
    path: Path,
    partner: str,
    format: str,
    crosswalk: Path | None = None,
    school_year: int | None = None,
    by: Actor,
    progress: Progress | None = None,
    called: str = "",
    right: str = "",
    check: bool = False,
) -> Loaded:
    """Loads a file, zip or folder. It is recorded under the name `called`; without one, under its own name where that is a known word,
    otherwise under a number. Refused, with nothing stored, when it is not of the stated format or nothing of the partner is permitted, when
    it differs from what its crosswalk expects (feed_stopped) or is not plausible beside the partner's earlier files (implausible); `right`
    says why it is right all the same. `check`: only says what would be stored and what is doubtful; nothing is stored or recorded.
    Safe to interrupt and to repeat: rows that are already stored are unchanged."""
    known(partner)
    moment = timezone.now()
    source = called or file_name(path.name, f"load {IntakeBatch.objects.count() + 1}")
    entry = IntakeBatch(
        id=f"{moment:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}", partner=partner, format=format, source=source, at=moment, by=by.email
    )  # fmt: skip
    entry.accepted = _reason(right)
    request = LoadRequest(
        entry, path, crosswalk, school_year, by, progress or (lambda stage, fraction: None), lands=not check
    )
    try:
        return _load(request)
    except Refused as refusal:
        if check:
            raise
        entry.accepted = ""  # nothing was accepted, and what was typed may name a student
        names = {path.name: source} | ({crosswalk.name: CROSSWALK} if crosswalk else {})
        entry.refusal = KeptNames(called=names).sentence(refusal, path)
        entry.save(force_insert=True)
        raise


LONGEST_REASON = 500


def _reason(text: str) -> str:
    """The reason, trimmed; Refused when it is too long."""
    if len(text) > LONGEST_REASON:
        raise Refused(f"Write the reason in at most {LONGEST_REASON} characters.", code="reason")
    return text.strip()


@dataclass(frozen=True)
class LoadRequest:
    """The arguments of a load. `entry`: its record, not saved yet. `entered`: rows that were entered on the site, in place of a file.
    `lands`: whether anything is stored."""

    entry: IntakeBatch
    path: Path
    crosswalk: Path | None
    school_year: int | None
    by: Actor
    report: Progress
    entered: EnteredRows | None = None
    within: Callable[[int], None] = lambda record: None
    lands: bool = True


def enter_rows(*, partner: str, rows: EnteredRows, within: Callable[[int], None], by: Actor) -> str:
    """Lands what people of the partner entered on the site about one learner, as if a file of the partner had brought it; returns the
    id of the load. `within(record number)` runs in the transaction that stores the rows. Refused, with nothing stored, where an
    agreement in effect does not need every value of every row, or `within` refuses. Must not be called inside a transaction."""
    known(partner)
    moment = timezone.now()
    entry = IntakeBatch(
        id=f"{moment:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}", partner=partner, format=ENTERED, source=ENTERED_HERE, at=moment, by=by.email
    )  # fmt: skip
    _load(LoadRequest(entry, Path(ENTERED_HERE), None, None, by, lambda stage, fraction: None, rows, within))
    return entry.id


CROSSWALK = "that was named"  # for the name of its file, in the sentence that is kept


def _mapped_by(crosswalk: Path) -> Crosswalk:
    """Refused where it cannot be used; of a file of elsewhere nothing that stands in it is kept."""
    try:
        return Crosswalk.of_file(crosswalk)
    except Refused as refused:
        if crosswalk.resolve().parent == current_community().crosswalks.resolve():
            raise
        kept = f"The crosswalk {CROSSWALK} cannot be used; who sent the file was told why."
        raise QuotesHeading(refused.message, kept=kept, code=refused.code) from None


def _load(request: LoadRequest) -> Loaded:
    path, partner, today, entered = request.path, request.entry.partner, date.today(), request.entered
    check_can_load(request.by, partner, documents_in_effect())
    reader = entered.staged if entered else reader_of(request.entry.format)
    grants = grants_that_admit(partner, today)
    if not entered and not path.exists():
        raise Refused(f"No file or folder {path.name} exists there; check the path.", code="no_file")
    mapped = _mapped_by(request.crosswalk) if request.crosswalk else None
    if mapped is not None and mapped.feed is not None and request.crosswalk is not None:
        if mapped.feed.partner != partner:
            raise Refused(
                f"The crosswalk {request.crosswalk.name} is for files of {mapped.feed.partner}, and this one is loaded for {partner}; "
                "take the crosswalk of the partner whose file it is.",
                code="crosswalk",
            )
        request.entry.feed = request.crosswalk.name[:200]  # as long as the column
    needed = needs(grants, partner)
    if entered:
        entered.check_needed(needed)
    sweep(by=request.by)  # leftovers of a killed load, and files that no reader uses any more
    patience = PATIENCE_ON_A_PAGE if entered else PATIENCE
    with staging() as folder:
        request.report("reading", 0.0)
        staged = _read(request, reader, folder, mapped, needed)
        request.report("reading", READING)
        with process_locks.turn(turn_of(partner), alone=True, patience=patience) as granted:
            if not granted:
                raise Refused(f"Another load for {partner} is still running; try again later.", code="busy")
            if grants_that_admit(partner, today) != grants:
                # If an agreement ended meanwhile, its data may already be destroyed.
                raise Refused(
                    "The agreements changed while the file was being read, so nothing was stored; load it "
                    "again.",
                    code="agreements_changed",
                )
            for attempt in range(ATTEMPTS):
                try:
                    return _landed(request, staged, needed, grants, folder / str(attempt), mapped)
                except Refused as refusal:
                    if refusal.code != "changed_meanwhile" or attempt + 1 == ATTEMPTS:
                        raise
    raise AssertionError("unreachable")


def _read(
    request: LoadRequest, reader: FormatReader, folder: Path, mapped: Crosswalk | None, needed: Mapping[str, TableNeed]
) -> StagedTables:  # fmt: skip
    """Refused where the file changed meanwhile: a reader may go over it several times, and then says anything of it, or fails."""
    path, before = request.path, stamp(request.path)
    changed = Refused(
        f"{path.name} changed while it was being read, so nothing was stored; load it again when it is written to its end.",
        code="file_changed",
    )
    try:
        staged = reader(
            path,
            into=folder,
            partner=request.entry.partner,
            crosswalk=mapped,
            school_year=request.school_year,
        )
        if not request.entered:
            request.entry.digest = digest_of(path, current_community().keys)
    except Exception as error:
        if stamp(path) != before:
            raise changed from None
        if isinstance(error, Refused):
            raise explained(error, path, mapped, into=folder / "looked at", needs=needed) from None
        raise
    if stamp(path) != before:
        raise changed
    return staged


def _consented(stored: Snapshot, choice: RequiredFamilyChoice, discloser: str, on: date) -> NDArray[np.int64]:
    """Record numbers of the discloser's learners for whom the consent is in force on that day."""
    changed = transfers(stored, discloser)
    return consent_status(choice.agreement, choice.purpose, discloser, on, changed).given


def _landed(
    request: LoadRequest,
    staged: StagedTables,
    needed: Mapping[str, TableNeed],
    grants: Sequence[Grant],
    folder: Path,
    mapped: Crosswalk | None,
) -> Loaded:
    entry = request.entry
    if mapped is not None and mapped.days_of_key:
        refuse_key_of_names(needed)
    folder.mkdir()
    with load_engine(folder) as engine, snapshot() as stored:
        context = LoadContext(
            engine=engine, folder=folder, partner=entry.partner, batch=entry.id, staged=staged, needs=needed,
            files=partial(stored.stored, partner=entry.partner), sealed=partial(stored.sealed, partner=entry.partner),
            text=lambda table, part: stored.text(table, entry.partner, of=part.id),
            reserve=reserve_records, on=date.today(), moment=entry.at, school_year=request.school_year,
            unjudged={each.table: each.rows for each in cannot_tell({entry.partner})},
            consented=partial(_consented, stored, on=date.today()),
            row_keys=partial(row_keys, entry.partner),
            whole=frozenset(mapped.feed.whole if mapped is not None and mapped.feed is not None else ()),
        )  # fmt: skip
        landing = land_tables(
            context,
            progress=lambda stage, part: request.report(stage, READING + (1 - READING) * 0.9 * part),
        )
        refused = landing.refused_columns
        if mapped is not None and entry.format in BY_CROSSWALK:
            refused = list(dict.fromkeys([*refused, *mapped.unread(refused)]))
        if request.entered:
            request.entered.check_landed(landing.counts, landing.cells_emptied)
        request.report("storing", 0.95)
        listed = folder / "quarantine.csv"
        kept = KeptNames(mapped, staged.places, {request.path.name: entry.source})
        write_quarantine(context, landing.problems, listed, kept)
        feed = mapped.feed if mapped is not None else None
        findings = [] if request.entered else _findings(request, feed, context, landing, kept)
        entry.findings = [asdict(finding) for finding in findings]
        if not request.lands:
            return Loaded(entry.id, landing.counts, landing.cells_emptied, refused, listed, findings=findings)
        if stopping(findings) and not entry.accepted:
            _refuse(request, findings, listed)
        entry.days = days_touched(context, landing)
        keys = staged.row_keys
        entry.row_keys = {table: list(keys[table]) for table in landing.scoped if table in keys}
        entry.found = landing.found
        entry.withdrawn = {table: gone for table, (gone, _) in landing.withdrawn.items() if gone}
        return _stored(request, context, landing, grants, refused, listed, kept)


def _findings(
    request: LoadRequest, feed: FeedContract | None, context: LoadContext, landing: Landing, kept: KeptNames
) -> list[FeedFinding]:
    """How the file differs from what its feed expects, what it deletes, and what is not plausible beside the partner's earlier files."""
    entry, found = request.entry, []
    columns = [kept.heading(name) for name in context.staged.unmapped]
    if feed is not None:
        earlier = last_accepted(entry.partner, entry.feed)
        found += judge(feed, tables_seen(context, landing, feed), columns, earlier, context.on)
    found += _deletions(landing, expected=context.whole)
    found += _taken_back(entry, landing)
    names = {id: partner.name for id, partner in partners().items()}
    whose, _ = named_in(request.path.name, names, earlier_names(names))
    return found + plausibility.findings(
        context,
        landing,
        columns=columns,
        earlier=last_alike(entry.partner, entry.format, landing.counts) if feed is None else None,
        another="" if whose in ("", entry.partner) else whose,
        expected=[table for table, of in feed.expect.items() if of.known is not None] if feed else (),
    )


def _deletions(landing: Landing, *, expected: Collection[str]) -> Iterator[FeedFinding]:
    """A file that deletes much of a table stops: a wrong export would empty every page and figure. `expected`: whole tables, of which a
    feed says how many may go."""
    for table, (gone, stored) in landing.withdrawn.items():
        if gone > FEW_DELETED and gone * 100 > stored * MOST_DELETED and table not in expected:
            yield FeedFinding(
                DELETED, table, f"The file says that {gone:,} of {stored:,} records of {table} are deleted, more than {MOST_DELETED}%.", rows=gone
            )  # fmt: skip


DELETED = "deleted"


def _taken_back(entry: IntakeBatch, landing: Landing) -> Iterator[FeedFinding]:
    """A file that was taken back comes in again only by a person's word, or a schedule would land it at once."""
    read = {kind: counts.read for kind, counts in landing.counts.items()}
    if before := taken_back_before(entry, read):
        yield FeedFinding(
            TAKEN_BACK, "", f"This file was taken back on {before.taken_back['at'][:10]} (load {before.id}): {before.taken_back['why'].rstrip('.')}.",
        )  # fmt: skip


TAKEN_BACK = "taken_back"


def _refuse(request: LoadRequest, findings: Sequence[FeedFinding], listed: Path) -> NoReturn:
    """The list of problems is kept, so that the partner can mend the rows."""
    entry, stops = request.entry, stopping(findings)
    quarantine = current_community().quarantine / f"{entry.id}.csv"
    quarantine.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(listed, quarantine)
    rules = {each.rule for each in stops}
    if rules == {DELETED}:
        code, why = "many_deleted", "Nothing was stored."
    elif TAKEN_BACK in rules:
        code, why = TAKEN_BACK, "Nothing was stored."
    elif rules <= plausibility.RULES | {DELETED}:
        code, why = "implausible", "The file does not fit what was loaded before, so nothing was stored."
    else:
        code, why = "feed_stopped", f"The file differs from what {entry.feed} expects, so nothing was stored."
    raise Refused(
        f"{why} {' '.join(each.sentence for each in stops)} "
        "Ask the partner for the right file; if this one is right, load it again and say why (--right REASON, or the reason on the site).",
        code=code,
    )


def _stored(
    request: LoadRequest,
    context: LoadContext,
    landing: Landing,
    grants: Sequence[Grant],
    refused: Sequence[str],
    listed: Path,
    kept: KeptNames,
) -> Loaded:
    """Stores the rows, the record of the load and its quarantine list in one transaction."""
    entry, needs, staged = request.entry, context.needs, context.staged
    used = sorted({a for table in landing.counts if table in needs for a in needs[table].agreements})
    versions = {grant.agreement: grant.version for grant in grants}
    quarantine = current_community().quarantine / f"{entry.id}.csv"
    counts = {kept.heading(kind): counts for kind, counts in landing.counts.items()}
    entry.agreements = [[agreement, versions[agreement]] for agreement in used]
    entry.counts = {kind: asdict(each) for kind, each in counts.items()}
    entry.cells_emptied = landing.cells_emptied
    entry.refused_columns = [kept.heading(name) for name in refused]
    entry.unmapped = [kept.heading(name) for name in staged.unmapped]
    nothing = why = None
    if not entry.withdrawn:
        deletes = staged.withdrawn is not None
        nothing = why_nothing(request.path.name, entry.partner, landing.counts, listed, deletes=deletes)
        why = why_nothing(entry.source, entry.partner, counts, listed, deletes=deletes)
    if why:
        entry.refusal = why.message

    entered = record_number(context.engine, request.entered.person) if request.entered else None

    def record() -> None:
        if request.entered and entered:
            number, is_new = entered
            request.entered.check_new(known=not is_new)
            request.within(number)
        entry.save(force_insert=True)
        quarantine.parent.mkdir(parents=True, exist_ok=True)
        os.replace(listed, quarantine)

    if landing.rows:
        files = [_new_file(rows, context) for rows in landing.rows]
        land(batch=entry.id, files=files, replaces=landing.replaced, by=request.by, within=record)
    else:
        with transaction.atomic():
            record()
    return Loaded(
        entry.id, landing.counts, entry.cells_emptied, refused, quarantine, used, staged.unmapped, nothing,
        entry.withdrawn, [FeedFinding(**finding) for finding in entry.findings], entry.row_keys,
    )  # fmt: skip


def _new_file(rows: FinishedRows, context: LoadContext) -> NewFile:
    table = rows.table.removesuffix(schemas.HISTORY)
    covering: Collection[str] = ()
    if schemas.vaulted(table):
        covering = _covering(table, context)
    elif rows.text is not None and rows.text.num_rows:
        covering = _covering_text(table, context)
    return NewFile(
        rows.table,
        context.partner,
        rows.school_year,
        path=rows.path,
        arrow=rows.arrow,
        agreements=tuple(sorted(covering)),
        text=rows.text,
    )


def _covering(table: str, context: LoadContext) -> Collection[str]:
    """Vault files are covered by the agreements that need their table; keys by all that need anything of the partner. What withdrawals
    leave of a table that none needs any more stays with those that covered it, and is destroyed with them."""
    if table in context.needs:
        return context.needs[table].agreements
    if table in TABLES:
        return _openers(context.files(table))
    return {each for need in context.needs.values() for each in need.agreements}


def _covering_text(table: str, context: LoadContext) -> Collection[str]:
    """Free text is covered by the agreements that need any of it. Where none does any more, what is left stays with those that covered it."""
    need = context.needs.get(table)
    if need and (needing := need.agreements_of(TABLES[table].free_text)):
        return needing
    return _openers(context.files(table + schemas.TEXT)) or (need.agreements if need else ())


def _openers(files: Sequence[StoredPart]) -> Collection[str]:
    keyring = Vault(current_community()).keyring
    return {each for file in files for each in keyring.openers(file.id)}


def seal_clear_text(*, by: Actor) -> text_sealing.Sealing:
    """Seals the free text that an earlier version stored in plain files (`text_sealing`)."""
    return text_sealing.seal_clear_text(covering=covering_text, by=by)


def mark_taken_back(*, loads: Sequence[str], certificate: str, by: str, asked_by: str, why: str) -> None:
    """Records, within the caller's transaction, that these loads were taken back; `by`: whose order it was, and `asked_by` who had asked for it."""
    facts = {
        "certificate": certificate,
        "at": timezone.now().isoformat(),
        "by": by,
        "asked_by": asked_by,
        "why": why,
    }
    IntakeBatch.objects.filter(id__in=list(loads)).update(taken_back=facts)


SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def save_crosswalk(*, partner: str, name: str, text: str, by: Actor) -> str:
    """Saves a crosswalk for the partner's files in the community's `crosswalks/`, under the partner's id and the name; returns the file's
    name. Its first line says when and by whom. Refused for who may not load the partner's files, for a text that is no crosswalk, and
    where a file of that name exists."""
    known(partner)
    check_can_load(by, partner, documents_in_effect())
    if not SLUG.fullmatch(name):
        raise Refused(
            "Write the name in small letters, digits and hyphens, such as students-2026.", code="crosswalk"
        )
    Crosswalk.read(text, name)
    file = f"{partner}-{name}.yaml"
    head = f"# Saved on {date.today().isoformat()} by {by.email}.\n"
    if not durable_files.create(current_community().crosswalks / file, (head + text).encode(), mode=0o640):
        raise Refused(f"A crosswalk {file} exists already; give this one another name.", code="crosswalk")
    return file


def register_landed(*, partner: str, by: Actor) -> Entered:
    """Creates or updates the partner's system "As loaded here". Refused when nothing of it has landed."""
    known(partner)
    check_can_keep_systems(by, own_kind(by), partner)
    check_acts_for(by, partner, unattended=True)
    holdings = landed(partner)
    if not holdings:
        raise Refused(
            f"Nothing from {partner} has been loaded yet; load a file first, or enter its systems by hand.",
            code="nothing_landed",
        )
    return enter_loaded(partner=partner, holdings=holdings, by=by)


@transaction.atomic
def record_directory_load(
    *, partner: str, path: Path, counts: Mapping[str, Counts], problems: Sequence[ProblemLine], by: Actor
) -> Loaded:
    """Records the load of a directory of services, which holds no student data: its counts, and its problems in a list. The directory
    itself is entered by whoever calls this, in the same transaction."""
    moment = timezone.now()
    source = file_name(path.name, f"load {IntakeBatch.objects.count() + 1}")
    entry = IntakeBatch(
        id=f"{moment:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}", partner=partner, format="hsds", source=source, at=moment, by=by.email,
        counts={kind: asdict(each) for kind, each in counts.items()}, unmapped=[],
    )  # fmt: skip
    quarantine = current_community().quarantine / f"{entry.id}.csv"
    quarantine.parent.mkdir(parents=True, exist_ok=True)
    write_problems(quarantine, problems)
    nothing = why_nothing(path.name, partner, counts, quarantine)
    entry.refusal = nothing.message if nothing else ""
    entry.save(force_insert=True)
    return Loaded(entry.id, dict(counts), 0, (), quarantine, nothing=nothing)

"""Carries out an order step by step; each step is recorded before the next, so that a later process can continue."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from django.db import DatabaseError, connection, transaction

from throughway.consent import actions as happened
from throughway.consent.rights_events import RightsSubject
from throughway.core.personal_data import Gone, forget
from throughway.core.prose import counted, listed
from throughway.core.refusals import Refused
from throughway.destruction.actions import certificates, hand_over, verification
from throughway.destruction.actions.planning import known_load, lapsed, plan_of, spared_of, subject_of
from throughway.destruction.actions.rewriting import DestructionPlan, FileGone
from throughway.destruction.actions.verification import scan
from throughway.destruction.certificate import Horizon
from throughway.destruction.models import FORGOTTEN, LANDED, ORDERED, Destruction
from throughway.destruction.terms import RetentionTerms
from throughway.intake.actions import mark_taken_back
from throughway.intake.selectors import batches
from throughway.partners import Actor
from throughway.store import process_locks
from throughway.store.actions.landing import land, staging
from throughway.store.actions.record_keys import turn_of
from throughway.store.actions.removal import remove, sweep
from throughway.store.models import LIVE, StoredFile
from throughway.store.selectors import current_community, path_of, snapshot
from throughway.store.vault import Vault

Progress = Callable[[str, float], None]
ATTEMPTS = 5  # when files change meanwhile
CLEANED_TABLES = (
    "casework_contactnote", "casework_task", "casework_studentneed", "casework_referral", "casework_referralevent",
    "casework_sessionmark", "casework_walkinname", "casework_textkey", "casework_programentry",
    "consent_consentevent", "consent_signedconsentform", "partners_caseloadevent", "identity_identityevent", "identity_person",
    "identity_confirmedlink", "insight_commentcoding", "insight_commentcoding_themes", "insight_longquestion",
    "intake_intakebatch", "intake_upload", "store_storedfile", "destruction_destruction",
)  # fmt: skip
RETRY_EVERY = 0.05  # seconds


@contextmanager
def _locks(partners: frozenset[str], patience: float) -> Iterator[None]:
    """Locks loads, numbering of keys, consents and linkage meanwhile."""
    with ExitStack() as stack:
        for path, who in [
            (current_community().data / "consent.turn", "Consents are being recorded"),
            (current_community().data / "linking.turn", "Records are being linked"),
            *((turn_of(partner), f"A load for {partner} is under way") for partner in sorted(partners)),
        ]:
            busy = f"{who}; order the destruction again when it has ended."
            stack.enter_context(process_locks.alone(path, patience=patience, busy=busy))
        yield


def carry_out(order: Destruction, by: Actor, report: Progress, patience: float) -> None:
    """Carries the order out, from the step that it has reached to its certificate. `patience`: seconds for readers, loads and
    linkage under way. Refused while one of them continues, and when a file still holds a destroyed value afterwards."""
    if order.step != ORDERED:
        partners = frozenset(order.work["partners"])
    elif order.kind == "load":
        partners = frozenset({known_load(order.subject).partner})
    else:
        with snapshot() as stored:
            partners = subject_of(stored, order.kind, order.subject, by).partners
    with _locks(partners, patience):
        if order.step == ORDERED:
            report("finding the data to destroy", 0.0)
            sweep(by=by)
            verification.destroy_old_keys()
            _land(order, partners, by)
        if order.step == LANDED:
            report("destroying files and keys", 0.4)
            _remove(order, by, patience)
            report("registers forget", 0.6)
            _forget(order)
    if order.step == FORGOTTEN:
        report("overwriting what the database deleted", 0.7)
        horizons = overwrite_deleted_rows(patience)
        report("searching every file", 0.8)
        values = verification.open_values(order.id, order.work.get("sought", ""))
        looked = replace(scan(values or (), partners), lost=values is None)
        if looked.found:
            raise Refused(
                f"{counted(len(looked.found), 'file')} still {'holds' if len(looked.found) == 1 else 'hold'} some of the data (the first is"
                f" {looked.found[0]}), so nothing is"
                " certified; run `throughway check`, and order the destruction again.",
                code="not_gone",
            )
        certificates.certify(order, looked, horizons)
        verification.destroy_old_keys()


def _land(order: Destruction, partners: frozenset[str], by: Actor) -> None:
    """Replaces the files by those with the remaining rows, and records both in the order in the same transaction."""
    for attempt in range(ATTEMPTS):
        spared = spared_of(order.kind, order.subject)
        with staging() as folder:
            with snapshot() as stored:
                plan, terms = plan_of(stored, order.kind, order.subject, partners, folder, spared)
                hand_over.make(order, _gone(order, plan.gone, terms))
            _add_brought_back(plan)
            planned = _work_of(order, plan, terms, partners)

            _check_as_named(order, plan)

            def record(planned: dict[str, Any] = planned) -> None:
                order.work, order.step = planned, LANDED
                order.save(update_fields=["work", "step"])
                mark_taken_back(
                    loads=planned["loads"], certificate=order.id, by=order.by, asked_by=order.asked_by, why=order.why
                )  # fmt: skip

            if not plan.replaced and not plan.new:
                with transaction.atomic():
                    record()
                return
            try:
                land(
                    batch=f"destruction-{order.id}",
                    files=plan.new,
                    replaces=plan.replaced,
                    by=by,
                    within=record,
                )
                return
            except Refused as refused:
                order.refresh_from_db()
                if refused.code != "changed_meanwhile" or attempt + 1 == ATTEMPTS:
                    raise
    raise AssertionError("unreachable")


def _check_as_named(order: Destruction, plan: DestructionPlan) -> None:
    """Refused where a load came since the order was given that would be taken back too."""
    named = order.work.get("named")
    if plan.undoing and named is not None and not set(plan.undoing.ids) <= set(named):
        more = sorted(set(plan.undoing.ids) - set(named))
        raise Refused(
            f"{listed(more)} came in meanwhile and rests on it, so it would be taken back too; look at what goes, and order it again.",
            code="later_loads",
        )


def _add_brought_back(plan: DestructionPlan) -> None:
    """Adds the files of an older copy of the data that were destroyed before: no snapshot lists them, but their bytes are here."""
    buried = Vault(current_community()).keyring.buried().files
    if not buried:
        return
    for row in StoredFile.objects.filter(state=LIVE).defer("records"):
        if row.id in buried:
            plan.files.append(FileGone(row.id, row.table, row.partner, row.sha256, row.bytes, row.rows, 0))
            if not row.text_of:  # free text is counted with its rows
                change = plan.tables[row.partner, row.table]
                change.rows += row.rows
                change.lost += row.rows


def _work_of(
    order: Destruction, plan: DestructionPlan, terms: RetentionTerms | None, partners: frozenset[str]
) -> dict[str, Any]:
    """What a later process needs to continue the order."""
    return {
        "partners": sorted(partners),
        "files": [file.to_json() for file in plan.files],
        "wraps": [list(wrap) for wrap in plan.wraps],
        "gone": {partner: sorted(numbers) for partner, numbers in plan.gone.items()},
        "empty": sorted(plan.empty),
        "batches": sorted(plan.undoing.ids if plan.undoing else _batches(order, terms)),
        "loads": list(plan.undoing.ids) if plan.undoing else [],
        "restored": dict(plan.undoing.restored) if plan.undoing else {},
        "not_restored": dict(plan.undoing.not_restored) if plan.undoing else {},
        "sought": verification.seal_values(order.id, plan.sentinels),
        **_of_whom(order),
        "keeping": sorted(terms.keeping) if terms else [],
        "rows": plan.rows,
        "values": plan.values,
        "tables": certificates.destroyed_tables(plan),
        "kept": certificates.retained_data(order, plan, terms),
        "copies": certificates.copies_outside(order, plan, partners),
    }


def _of_whom(order: Destruction) -> dict[str, dict[str, list[int]] | str]:
    """The records whose rows a consent housed, by partner, and under which agreement; empty for every other order."""
    ended = lapsed(order.subject) if order.kind == "consent" else None
    return {
        "of": {ended.partner: [ended.record]} if ended else {},
        "under": ended.agreement if ended else "",
    }


def _batches(order: Destruction, terms: RetentionTerms | None) -> set[str]:
    """Loads from which no other agreement keeps data."""
    if terms is None or terms.under:
        return set()
    found = set()
    for batch in batches(list(terms.rules)):
        used = {agreement for agreement, _ in batch.agreements}
        concerned = order.subject in used or (order.kind == "partner" and batch.partner == order.subject)
        if concerned and not used & (terms.staying - {order.subject}):
            found.add(batch.id)
    return found


def _remove(order: Destruction, by: Actor, patience: float) -> None:
    """Destroys the bytes and the keys; may be repeated from its start."""
    community = current_community()
    vault, work = Vault(community), order.work
    ids = [file["id"] for file in work["files"]]
    rows = {row.id: row for row in StoredFile.objects.filter(id__in=[f for f, _ in work["wraps"]])}
    for file, agreement in work["wraps"]:
        if vault.opens(file):
            vault.wrap_for(path_of(community, rows[file]), agreement)
    agreement = order.subject if order.kind == "agreement" else None
    person = (order.subject, order.partner) if order.kind == "person" else None
    vault.keyring.bury(
        order.id, agreement=agreement, files=ids, on=order.at.date().isoformat(), person=person
    )
    gone = remove(files=ids, by=by, patience=patience)
    wraps = gone.wraps + (vault.unwrap_all(agreement) if agreement else 0)
    sweep(by=by)  # and what a killed process left behind
    work["keys"] = work.get("keys", 0) + wraps
    order.save(update_fields=["work"])


def _forget(order: Destruction) -> None:
    work = order.work
    records = {partner: frozenset(numbers) for partner, numbers in work["gone"].items()}
    gone = replace(
        _gone(order, records, None),
        batches=frozenset(work["batches"]),
        empty=frozenset(work["empty"]),
        keeping=frozenset(work.get("keeping", ())),
        consents=frozenset(
            (work["under"], partner, record)
            for partner, of_one in work["of"].items()
            for record in of_one
            if work.get("under")
        ),
    )
    with transaction.atomic():
        registers = forget(gone)
        if order.kind == "consent":
            _record_removal(order)
        # The numbers are removed too, so that nothing leads from the order to a record.
        work["learners"] = {partner: len(numbers) for partner, numbers in gone.records.items()}
        order.work = {**work, "gone": {}, "of": {}, "registers": registers}
        order.step = FORGOTTEN
        order.save(update_fields=["work", "step"])


def _gone(order: Destruction, records: Mapping[str, frozenset[int]], terms: RetentionTerms | None) -> Gone:
    """What the order destroys of what people typed."""
    return Gone(
        agreement=order.subject if order.kind == "agreement" else None,
        records=records,
        batches=frozenset(),
        empty=frozenset(),
        partner=order.subject if order.kind == "partner" else None,
        keeping=terms.keeping if terms else frozenset(),
    )


def _record_removal(order: Destruction) -> None:
    """Records with the consent that the rows it housed are destroyed."""
    [(partner, record)] = [(p, r) for p, records in order.work["of"].items() for r in records]
    by = Actor(order.by, order.partner, order.role)
    happened.record(
        about=RightsSubject.CUSTODY,
        step="removed",
        partner=partner,
        student=record,
        code=order.subject,
        other=order.id,
        by=by,
    )


def overwrite_deleted_rows(patience: float) -> list[Horizon]:
    """SQLite: deleted values are overwritten at once (`secure_delete`), and the log is written back and emptied. PostgreSQL:
    dead rows are vacuumed, and the log is switched where the role may. Refused (busy) while a reader holds the log."""
    if connection.vendor == "postgresql":
        return _clean_postgresql()
    until = time.monotonic() + patience
    while True:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = bool(cursor.fetchone()[0])
        if not busy:
            return []
        if time.monotonic() > until:
            raise Refused(
                "Another process is reading the database's log; order the destruction again when it has ended.",
                code="busy",
            )
        time.sleep(RETRY_EVERY)


def _clean_postgresql() -> list[Horizon]:
    if not connection.in_atomic_block:  # VACUUM is none of a transaction
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join(CLEANED_TABLES)}")
    switched = _switch_log()
    return [
        Horizon(
            "PostgreSQL's write-ahead log (pg_wal)",
            "deleted rows of registers: the platform's own random numbers, days and e-mail addresses of users, no name and no key",
            "recycled now: the log was switched and a checkpoint made"
            if switched
            else f"until the server recycles it, after {_setting('checkpoint_timeout')} and {_setting('max_wal_size')} of log"
            " at the latest under load; a superuser can speed it up with pg_switch_wal() and CHECKPOINT",
        ),
        Horizon(
            "archives of that log, replicas and the server's own backups",
            "the same",
            "for as long as whoever runs the server keeps them",
        ),
    ]


def _switch_log() -> bool:
    if connection.in_atomic_block:
        return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT has_function_privilege(current_user, 'pg_switch_wal()', 'execute')")
            if not cursor.fetchone()[0]:
                return False
        with connection.cursor() as cursor:
            for _ in range(3):
                cursor.execute("SELECT pg_switch_wal()")
            cursor.execute("CHECKPOINT")
    except DatabaseError:
        return False
    return True


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])

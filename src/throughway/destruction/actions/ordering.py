"""Ordering a destruction, and carrying it out: whole, or to be gone on with by the next who orders it."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from throughway.agreements import actions as agreements
from throughway.agreements.grants import drafted
from throughway.agreements.lifecycle import Life
from throughway.agreements.permissions import check_can_order_destruction
from throughway.agreements.reading import life_of, lives
from throughway.destruction.actions import certifying, handing_over
from throughway.destruction.actions.cleaning import clean
from throughway.destruction.actions.planning import plan_of_records, plan_of_terms, tables_of
from throughway.destruction.actions.scanning import scan
from throughway.destruction.actions.whose import kept_by, records_in
from throughway.destruction.certificate import Certificate
from throughway.destruction.models import Destruction
from throughway.destruction.naming import DONE, FORGOTTEN, LANDED, LENGTH, LETTERS, ORDERED, in_words
from throughway.destruction.plan import FileGone, Plan
from throughway.destruction.reading import holds
from throughway.destruction.terms import ENDED, Terms, of_agreement, of_partner, others
from throughway.forgetting import Gone, Subject, forget, waiting
from throughway.intake.reading import batches
from throughway.partners import Actor, Role
from throughway.partners.reading import actor, known
from throughway.refusals import Refused
from throughway.store import claims
from throughway.store.actions import NewFile, land, remove, staging, sweep, turn_of
from throughway.store.models import LIVE, StoredFile
from throughway.store.reading import Snapshot, here, path_of, snapshot
from throughway.store.vault import Vault

Progress = Callable[[str, float], None]
PATIENCE = 120.0  # seconds for readers, loads and linkage under way
ATTEMPTS = 5  # when files change meanwhile
OFFICERS = frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER})


def destroy(
    *,
    agreement: str | None = None,
    partner: str | None = None,
    person: int | None = None,
    why: str = "",
    asked_by: str = "",
    by: Actor,
    progress: Progress | None = None,
    patience: float = PATIENCE,
) -> Certificate:
    """Destroys what no other agreement, in effect or signed, by itself authorises, and certifies it.

    Of an agreement that has ended; of a partner; or of a person, whatever agreements there are, since a discloser may take its
    records of a student back (`why` and who asked, `asked_by`, are kept). Ordered again it goes on where it was interrupted, and
    once done gives its certificate. Refused in a sentence while the agreement is in effect, while a hold or an open inspection
    keeps it, and where the actor may not order it. Not to be called inside a transaction.
    """
    kind, id = _named(agreement, partner, person)
    _check_may(kind, id, by)
    done = _finished(kind, id)
    if done is not None and not _brought_back(kind, id):
        _tell_agreement(done, by)
        return certifying.of(done)
    with claims.alone(
        here().data / "destruction.turn",
        patience=patience,
        busy="Another destruction is under way; order this one again when it has ended.",
    ):
        handing_over.clear(date.today())
        order = _order(kind, id, why, asked_by, by)
        _carry_out(order, by, progress or (lambda stage, part: None), patience)
    _tell_agreement(order, by)
    return certifying.of(order)


def order(*, kind: str, id: str, why: str = "", asked_by: str = "", by: Actor) -> str:
    """Orders a destruction that a worker carries out, and gives its id. Refused as `destroy` is."""
    from throughway.destruction.tasks import carry_out

    _check_may(kind, id, by)
    done = _finished(kind, id)
    if done is not None and not _brought_back(kind, id):
        return done.id
    with transaction.atomic():
        found = _order(kind, id, why, asked_by, by)
        carry_out.enqueue(found.id)
    return found.id


def go_on(*, id: str) -> None:
    """Carries out an order with the rights that it was given with; does nothing when it is done."""
    found = Destruction.objects.filter(id=id).exclude(step=DONE).first()
    if found is None:
        return
    destroy(
        agreement=found.subject if found.kind == "agreement" else None,
        partner=found.subject if found.kind == "partner" else None,
        person=int(found.subject) if found.kind == "person" else None,
        by=actor(found.by),
    )


def preview(*, kind: str, id: str, partners: frozenset[str] = frozenset()) -> Plan:
    """What a destruction would do now, in counts; nothing is written. `partners`: of a person, whose records are meant."""
    with snapshot() as stored:
        return _plan(stored, kind, id, partners, None)[0]


def _named(agreement: str | None, partner: str | None, person: int | None) -> tuple[str, str]:
    named = [
        (kind, str(id))
        for kind, id in (("agreement", agreement), ("partner", partner), ("person", person))
        if id is not None
    ]
    if len(named) != 1:
        raise Refused("Say what is to be destroyed: one agreement, one partner or one person.", code="usage")
    return named[0]


def _check_may(kind: str, id: str, by: Actor) -> None:
    """Who may order it, and whether it is ready to be destroyed."""
    if kind == "agreement":
        found = life_of(id).current
        check_can_order_destruction(by, found.signed_text)
        if found.state not in ENDED and not found.certificate and not _brought_back(kind, id):
            raise Refused(
                f"{found.reason} What is stored under it is destroyed after it has ended; terminate it first, or wait for its last day.",
                code=f"is_{found.state}",
                citations=["34 CFR 99.35(a)(2)"],
            )
        return
    if by.partner is None or by.role not in OFFICERS:
        raise Refused(
            "A data steward or privacy officer of a partner orders a destruction (--as EMAIL).",
            code="not_allowed",
        )
    if kind == "partner":
        known(id)
        if by.partner != id:
            raise Refused(f"Only {id}'s own people order that its records are destroyed.", code="not_allowed")


def _finished(kind: str, id: str) -> Destruction | None:
    """The certificate that stands for this: of an agreement and of a person the one there is."""
    if kind == "partner":
        return None
    return Destruction.objects.filter(kind=kind, subject=id, step=DONE).order_by("-at").first()


def _brought_back(kind: str, id: str) -> bool:
    """Whether the data here are from before their destruction."""
    buried = Vault(here()).keyring.buried()
    if not buried.files or kind != "agreement" or id not in buried.agreements:
        return False
    name, _ = buried.agreements[id]
    return not Destruction.objects.filter(id=name).exists() or _live_again(buried.files)


def _live_again(files: Mapping[str, object]) -> bool:
    return any(id in files for id in StoredFile.objects.filter(state=LIVE).values_list("id", flat=True))


def _order(kind: str, id: str, why: str, asked_by: str, by: Actor) -> Destruction:
    """The order that is open already, or a new one. Refused while something keeps it."""
    found = Destruction.objects.filter(kind=kind, subject=id).exclude(step=DONE).first()
    if found is not None and found.step != ORDERED:
        return found  # what it takes is gone already: nothing could keep it any more
    with snapshot() as stored:
        subject = _subject(stored, kind, id, by)
    reasons = waiting(subject)
    if reasons:
        raise Refused(
            f"The destruction of {in_words(kind, id)} waits. {' '.join(reasons)}",
            code="waits",
            citations=["34 CFR 99.10(e)"],
        )
    if found is not None:
        return found
    return Destruction.objects.create(
        id="".join(secrets.choice(LETTERS) for _ in range(LENGTH)), kind=kind, subject=id, why=why.strip(),
        asked_by=asked_by.strip(), by=by.email, partner=by.partner or "", role=by.role, at=datetime.now(UTC), step=ORDERED,
    )  # fmt: skip


def _subject(stored: Snapshot, kind: str, id: str, by: Actor) -> Subject:
    if kind == "agreement":
        life = life_of(id)
        return Subject(kind, id, frozenset(p for text in life.texts for p in text.ever_parties))
    if kind == "partner":
        return Subject(kind, id, frozenset({id}))
    records = records_in(stored, int(id), kept_by(by.partner or ""))
    if not records:
        raise Refused(
            f"{by.partner} keeps no record of a person of that id; give the id as a query shows it.",
            code="unknown_person",
        )
    return Subject(kind, id, frozenset(records), frozenset().union(*records.values()))


@contextmanager
def _turns(partners: frozenset[str], patience: float) -> Iterator[None]:
    """Nobody loads, numbers keys, records consents or links meanwhile."""
    with ExitStack() as stack:
        for path, who in [
            (here().data / "consent.turn", "Consents are being recorded"),
            (here().data / "linking.turn", "Records are being linked"),
            *((turn_of(partner), f"A load for {partner} is under way") for partner in sorted(partners)),
        ]:
            busy = f"{who}; order the destruction again when it has ended."
            stack.enter_context(claims.alone(path, patience=patience, busy=busy))
        yield


def _carry_out(order: Destruction, by: Actor, report: Progress, patience: float) -> None:
    with snapshot() as stored:
        if order.step == ORDERED:
            partners = _subject(stored, order.kind, order.subject, by).partners
        else:
            partners = frozenset(order.work["partners"])
    with _turns(partners, patience):
        sentinels: tuple[str, ...] = ()
        if order.step == ORDERED:
            report("working out what goes", 0.0)
            sweep(by=by)
            sentinels = _land(order, partners, by)
        if order.step == LANDED:
            report("destroying files and keys", 0.4)
            _remove(order, by, patience)
            report("registers forget", 0.6)
            _forget(order)
    if order.step == FORGOTTEN:
        report("overwriting what the database deleted", 0.7)
        horizons = clean(patience)
        report("looking through every file", 0.8)
        looked = scan(sentinels, partners)
        if looked.found:
            raise Refused(
                f"{len(looked.found)} files still hold something of it ({looked.found[0]}), so nothing is certified; run"
                " `throughway check`, and order the destruction again.",
                code="not_gone",
            )
        certifying.certify(order, looked, horizons)


def _land(order: Destruction, partners: frozenset[str], by: Actor) -> tuple[str, ...]:
    """Takes the files out of use and puts those that stay in their place; the order knows them from the same moment on."""
    for attempt in range(ATTEMPTS):
        with staging() as folder:
            with snapshot() as stored:
                plan, terms = _plan(stored, order.kind, order.subject, partners, folder)
                handing_over.make(order, plan.gone)
            _add_brought_back(plan)
            told = _told(order, plan, terms, partners)

            def record(told: dict[str, Any] = told) -> None:
                order.work, order.step = told, LANDED
                order.save(update_fields=["work", "step"])

            if not plan.replaced and not plan.new:
                with transaction.atomic():
                    record()
                return plan.sentinels
            new = [
                NewFile(
                    f.table, f.partner, f.school_year, path=f.path, arrow=f.arrow, agreements=f.agreements
                )
                for f in plan.new
            ]
            try:
                land(batch=f"destruction-{order.id}", files=new, replaces=plan.replaced, by=by, within=record)
                return plan.sentinels
            except Refused as refused:
                order.refresh_from_db()
                if refused.code != "changed_meanwhile" or attempt + 1 == ATTEMPTS:
                    raise
    raise AssertionError("unreachable")


def _add_brought_back(plan: Plan) -> None:
    """Of an older copy of the data, the files that were destroyed before: no snapshot tells of them, and their bytes are here."""
    buried = Vault(here()).keyring.buried().files
    if not buried:
        return
    for row in StoredFile.objects.filter(state=LIVE).defer("records"):
        if row.id in buried:
            plan.files.append(FileGone(row.id, row.table, row.partner, row.sha256, row.bytes, row.rows, 0))
            told = plan.tables[row.partner, row.table]
            told.rows += row.rows
            told.lost += row.rows


def _plan(
    stored: Snapshot, kind: str, id: str, partners: frozenset[str] | set[str], folder: Any
) -> tuple[Plan, Terms | None]:
    today = date.today()
    if kind == "person":
        records = records_in(stored, int(id), partners or None)
        return plan_of_records(stored, records, folder=folder, on=today), None
    terms = _terms(stored, kind, id)
    plan = plan_of_terms(
        stored, terms, agreement=id if kind == "agreement" else None, folder=folder, on=today
    )
    return plan, terms


def _terms(stored: Snapshot, kind: str, id: str) -> Terms:
    every = lives(date.today())
    destroyed = {d.subject for d in Destruction.objects.filter(kind="agreement", step=DONE)}
    destroyed |= set(Vault(here()).keyring.buried().agreements)
    standings = [life.current for life in every] + [life.pending for life in every if life.pending]
    beside = others(
        standings,
        apart={id} if kind == "agreement" else (),
        held={h.subject for h in holds(on=date.today()) if h.kind == "agreement"},
        destroyed=destroyed,
        began={life.current.document.id for life in every if life.activated},
    )
    if kind == "partner":
        return of_partner(id, beside, tables_of(stored, id))
    life = next(found for found in every if found.current.document.id == id)
    own = [grant for text in _ever(life) for grant in drafted(text, standings)]
    brought: dict[str, dict[str, list[str]]] = {}
    for batch in batches(None):
        if id in {agreement for agreement, _ in batch.agreements}:
            brought.setdefault(batch.partner, {})[batch.id] = list(batch.counts)
    parties = {p for text in life.texts for p in text.ever_parties}
    return of_agreement(own, beside, partners=parties, batches=brought)


def _ever(life: Life) -> list[Any]:
    """Every text that was in effect: as it was signed, and as those who joined changed it."""
    held = [text for text in life.texts if text.version in life.activated]
    return held + [
        replace(text, document=text.text) for text in held if text.text and text.text != text.document
    ]


def _told(order: Destruction, plan: Plan, terms: Terms | None, partners: frozenset[str]) -> dict[str, Any]:
    """What the order must know when a later process goes on."""
    return {
        "partners": sorted(partners),
        "files": [file.to_json() for file in plan.files],
        "wraps": [list(wrap) for wrap in plan.wraps],
        "gone": {partner: sorted(numbers) for partner, numbers in plan.gone.items()},
        "empty": sorted(plan.empty),
        "batches": sorted(_batches(order, terms)),
        "rows": plan.rows,
        "values": plan.values,
        "tables": certifying.tables_told(plan),
        "kept": certifying.kept_told(order, plan, terms),
    }


def _batches(order: Destruction, terms: Terms | None) -> set[str]:
    """Loads of which nothing stays by another agreement."""
    if terms is None:
        return set()
    found = set()
    for batch in batches(list(terms.rules)):
        used = {agreement for agreement, _ in batch.agreements}
        concerned = order.subject in used or (order.kind == "partner" and batch.partner == order.subject)
        if concerned and not used & (terms.staying - {order.subject}):
            found.add(batch.id)
    return found


def _remove(order: Destruction, by: Actor, patience: float) -> None:
    """The bytes and the keys; may be done again from its start."""
    community = here()
    vault, work = Vault(community), order.work
    ids = [file["id"] for file in work["files"]]
    rows = {row.id: row for row in StoredFile.objects.filter(id__in=[f for f, _ in work["wraps"]])}
    for file, agreement in work["wraps"]:
        if vault.opens(file):
            vault.wrap_for(path_of(community, rows[file]), agreement)
    agreement = order.subject if order.kind == "agreement" else None
    vault.keyring.bury(order.id, agreement=agreement, files=ids, on=order.at.date().isoformat())
    gone = remove(files=ids, by=by, patience=patience)
    wraps = gone.wraps + (vault.unwrap_all(agreement) if agreement else 0)
    sweep(by=by)  # and what a process that was killed on the way left behind
    work["keys"] = work.get("keys", 0) + wraps
    order.save(update_fields=["work"])


def _forget(order: Destruction) -> None:
    work = order.work
    gone = Gone(
        agreement=order.subject if order.kind == "agreement" else None,
        records={partner: frozenset(numbers) for partner, numbers in work["gone"].items()},
        batches=frozenset(work["batches"]),
        empty=frozenset(work["empty"]),
    )
    with transaction.atomic():
        told = forget(gone)
        # The numbers go with the rest: nothing leads from the order to a record any more.
        work["learners"] = {partner: len(numbers) for partner, numbers in gone.records.items()}
        order.work = {**work, "gone": {}, "registers": told}
        order.step = FORGOTTEN
        order.save(update_fields=["work", "step"])


def _tell_agreement(order: Destruction, by: Actor) -> None:
    """The agreement's own record says that what the platform held is gone."""
    if order.kind != "agreement":
        return
    life = life_of(order.subject)
    if life.current.certificate:
        return
    try:
        agreements.destroyed(id=order.subject, by=by, certificate=order.id)
    except Refused as refused:
        if not refused.code.startswith("is_"):  # an older copy of the data says that it is in effect still
            raise

"""Orders of destruction: who may give one, when, and what it waits for; carried out at once or by a worker."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from throughway.agreements import actions as agreements
from throughway.agreements.permissions import check_can_order_destruction
from throughway.agreements.selectors import lifecycle_of
from throughway.consent.actions import new_code
from throughway.core.disk_full import full, is_full
from throughway.core.long_work import check_no_transaction
from throughway.core.personal_data import (
    HIDDEN_REASON,
    WaitingReason,
    learners_who_wait,
    reasons_to_wait,
    told,
    waiting,
)
from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.destruction.actions import certificates, execution, hand_over, verification
from throughway.destruction.actions.execution import Progress
from throughway.destruction.actions.planning import (
    MUST_WAIT,
    known_load,
    lapsed,
    must_wait,
    plan_of,
    subject_of,
    subject_of_undoing,
    undoing_of,
    unknown_consent,
    unknown_load,
)
from throughway.destruction.actions.rewriting import DestructionPlan
from throughway.destruction.certificate import Certificate
from throughway.destruction.models import DONE, ORDERED, PART, Destruction
from throughway.destruction.terms import ENDED
from throughway.destruction.undo_requests.request import UndoAsked, decides
from throughway.destruction.undo_requests.selectors import undo_asked_of
from throughway.destruction.undoing import Undoing
from throughway.intake.entered_rows import ENTERED
from throughway.intake.formats import DIRECTORY
from throughway.intake.load_history import Batch
from throughway.intake.models import TAKEN_BACK
from throughway.intake.permissions import can_load, check_can_load, sees_loads_of
from throughway.intake.selectors import batch_of, documents_in_effect
from throughway.partners.actor import OFFICERS, OPERATOR, Actor
from throughway.partners.selectors import actor, known
from throughway.store import process_locks
from throughway.store.models import LIVE, StoredFile
from throughway.store.selectors import current_community, snapshot
from throughway.store.vault import Vault
from throughway.vocabulary import TABLES

PATIENCE = 120.0  # seconds for readers, loads and linkage under way
KINDS = ("agreement", "partner", "person", "consent", "load")


def destroy(
    *,
    why: str = "",
    asked_by: str = "",
    by: Actor,
    named: Collection[str] | None = None,
    agreed: UndoAsked | None = None,
    progress: Progress | None = None,
    patience: float = PATIENCE,
    **subject: str | int | None,
) -> Certificate:
    """Destroys what no other agreement, in effect or signed, authorizes on its own, and certifies it.

    `subject` is one of: `agreement`, an id, after it has ended (where only some learners' rows must be kept for now, a part: the rows of
    all others); `partner`, an id; `person`, a number, whatever agreements there are,
    since a discloser may take its records back (`why` and `asked_by` are recorded); `consent`, the id of the decision that ended it,
    for the rows that it housed; `load`, the id of a load that is taken back with those that rest on it (`undo`). `named`, `agreed`: as `order`.
    Ordered again it continues where it was interrupted, and once done returns its certificate. Refused while the agreement is in effect,
    while a hold or an open inspection keeps all that is left, and where the actor may not order it. Not to be called inside a transaction.
    """
    kind, id = _named(subject)
    check_may_order(kind, id, by, agreed)
    done = _finished(kind, id)
    if done is not None and not _brought_back(kind, id):
        verification.destroy_old_keys()  # its process may have been killed between the certificate and this
        _tell_agreement(done, by)
        return certificates.certificate_of(done)
    with process_locks.alone(
        current_community().data / "destruction.turn",
        patience=patience,
        busy="Another destruction is under way; order this one again when it has ended.",
    ):
        hand_over.clear(date.today())
        order = _order(kind, id, why, asked_by, by, named, agreed)
        execution.carry_out(order, by, progress or (lambda stage, part: None), patience)
    _tell_agreement(order, by)
    return certificates.certificate_of(order)


def order(
    *,
    kind: str,
    id: str,
    why: str = "",
    asked_by: str = "",
    by: Actor,
    named: Collection[str] | None = None,
    agreed: UndoAsked | None = None,
) -> str:
    """Orders a destruction that a worker carries out; returns its id. Refused as `destroy` is. `named`: the loads that were shown to go
    with one that is taken back; refused where there are others by now. `agreed`: the request to which the actor agrees by this."""
    from throughway.destruction.tasks import carry_out

    check_may_order(kind, id, by, agreed)
    done = _finished(kind, id)
    if done is not None and not _brought_back(kind, id):
        return done.id
    return _order(
        kind, id, why, asked_by, by, named, agreed, then=lambda order: carry_out.enqueue(order.id)
    ).id


def resume_order(*, id: str) -> None:
    """Carries out an order with the rights of whoever gave it; does nothing when it is done."""
    check_no_transaction("a destruction")
    found = Destruction.objects.filter(id=id).exclude(step=DONE).first()
    if found is None:
        return
    try:
        subject: dict[str, Any] = {"agreement" if found.kind == PART else found.kind: found.subject}
        by = OPERATOR if found.by == OPERATOR.email else actor(found.by)
        destroy(**subject, by=by, named=found.work.get("named"))
        if found.kind == "load":
            TAKEN_BACK.send_robust(known_load(found.subject).partner, by=by)
    except Exception as error:
        refused = full() if is_full(error) else error
        if isinstance(refused, Refused) and refused.code == MUST_WAIT:
            # Kept with the order and its work, for readers who may not know what their orderer may.
            hidden = must_wait(found.kind, found.subject, [HIDDEN_REASON])
            _stopped(id, hidden.message)
            raise hidden from None
        _stopped(
            id, refused.message if isinstance(refused, Refused) else f"It failed ({type(error).__name__})."
        )
        raise


def _stopped(id: str, why: str) -> None:
    """Records why the worker stopped, until the destruction is ordered again."""
    found = Destruction.objects.get(id=id)
    found.work["stopped"] = why
    found.save(update_fields=["work"])


def preview(*, kind: str, id: str, partners: frozenset[str] = frozenset()) -> DestructionPlan:
    """What a destruction would do now, in counts; writes nothing. `partners`: whose records of a person are meant."""
    with snapshot() as stored:
        return plan_of(stored, kind, id, partners, None, {})[0]


LONGEST_REASON = 500


def undo(
    *,
    load: str,
    reason: str,
    by: Actor,
    agreed: UndoAsked | None = None,
    progress: Progress | None = None,
    patience: float = PATIENCE,
) -> Certificate:
    """Takes a load back, with the later ones that rest on it: their rows are destroyed, and what they had superseded comes back as far as
    agreements and consents of today admit it. As `destroy`; taken back already, it returns its certificate. Refused without a reason."""
    check_may_order("load", load, by, agreed)
    if not batch_taken_back(load):
        check_reason(reason)
    named = agreed.loads if agreed else None
    return destroy(
        load=load, why=reason, by=by, named=named, agreed=agreed, progress=progress, patience=patience
    )


def check_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise Refused(
            f"Say why the load is taken back, in at most {LONGEST_REASON} characters and without naming a student (--reason TEXT).",
            code="reason",
        )


def batch_taken_back(load: str) -> bool:
    return bool(_certificate_of_load(load))


def undoing(*, load: str, by: Actor) -> tuple[Undoing, list[str]]:
    """What taking the load back would do now, and why it must wait; writes nothing. Refused for who may not even ask for it."""
    return undoing_of_load(check_may_take_back(load, by), by)


def undoing_of_load(load: Batch, reader: Actor) -> tuple[Undoing, list[str]]:
    """The same of a load that the reader may take back."""
    found = _there(load)
    return found, waiting(subject_of_undoing(load.id, found), reader)


def ready_to_undo(load: Batch, reader: Actor, named: Collection[str] | None) -> Undoing:
    """What taking the load back would do now. Refused while it must wait, and where more loads would go than were named."""
    found, reasons = undoing_of_load(load, reader)
    _check_named(found, named)
    if reasons:
        raise must_wait("load", load.id, reasons)
    return found


def _there(load: Batch) -> Undoing:
    """Refused where nothing of the load is in the store any more."""
    with snapshot() as stored:
        found = undoing_of(stored, load)
    if not found.loads and not _live_again(Vault(current_community()).keyring.buried().files):
        raise Refused(
            "Nothing of that load is in the store: it changed nothing, or its rows were destroyed since.",
            code="nothing_there",
        )
    return found


def _named(subject: Mapping[str, str | int | None]) -> tuple[str, str]:
    """Kind and id of the one subject that is named."""
    named = [(kind, str(id).strip()) for kind, id in subject.items() if id is not None]
    if len(named) != 1 or named[0][0] not in KINDS:
        raise Refused(
            "Say what to destroy: one agreement, one partner, one person or one consent.",
            code="usage",
        )
    kind, id = named[0]
    return kind, id.upper() if kind == "consent" else id


def check_may_order(kind: str, id: str, by: Actor, agreed: UndoAsked | None = None) -> None:
    """Checks who may order it, and that the agreement has ended. `agreed`: as `order`."""
    if kind == "load":
        taken = check_may_take_back(id, by)
        if must_ask(taken, by) and not (agreed and agreed.load == id and by.email in agreed.people):
            raise Refused(
                f"Only a data steward or privacy officer of {taken.partner}, or the operator, takes a load of it back at once; ask for it with "
                "`throughway load --undo`, or on the page of the load. Nothing was changed.",
                code="asks",
            )
        return
    if kind == "agreement":
        found = lifecycle_of(id).current
        check_can_order_destruction(by, found.signed_text)
        if found.state not in ENDED and not found.certificate and not _brought_back(kind, id):
            raise Refused(
                f"{found.reason} Its data can be destroyed only after it has ended; terminate it first, or wait for its last day.",
                code=f"is_{found.state}",
                citations=["34 CFR 99.35(a)(2)"],
            )
        return
    if by.partner is None or by.role not in OFFICERS:
        raise Refused(
            "Only a data steward or privacy officer of a partner can order a destruction; sign in as one (--as EMAIL).",
            code="not_allowed",
        )
    if kind == "consent":
        _check_may_of_consent(id, by)
    if kind == "partner":
        known(id)
        if by.partner != id:
            raise Refused(
                f"Only people of {id} can order the destruction of its records.", code="not_allowed"
            )


def must_ask(load: Batch, by: Actor) -> bool:
    """Whether the actor, who may load the partner's files, must ask that the load be taken back: unless the actor decides, it was taken back
    already, or somebody decided it and nothing more would go by now."""
    if decides(by, load.partner) or load.taken_back:
        return False
    given = Destruction.objects.filter(kind="load", subject=load.id, step=ORDERED).first()
    if given is None or not given.work.get("decided"):  # an order of an earlier version was not
        return True
    return not set(_there(load).ids) <= set(given.work["named"])


def check_may_take_back(id: str, by: Actor) -> Batch:
    """The load, for who may load the partner's files: they see what taking it back would do, and order it or ask for it. Refused too for a load that brought nothing of a file into the store."""
    found, documents = batch_of(id), documents_in_effect()
    if found is None or not (
        can_load(by, found.partner, documents) or sees_loads_of(by, found.partner, documents)
    ):
        raise unknown_load()
    check_can_load(by, found.partner, documents)
    if found.format == DIRECTORY:
        raise Refused(
            "A directory of services holds no student data and is not taken back; load the right one, which replaces it.",
            code="directory",
        )
    if found.format == ENTERED:
        raise Refused(
            "That was entered on the site, not loaded from a file, and is not taken back; correct it on the student’s page.",
            code="entered",
        )
    if found.refusal:
        raise Refused(
            "Nothing of that load was stored, so there is nothing to take back.", code="nothing_there"
        )
    return found


def _check_may_of_consent(id: str, by: Actor) -> None:
    """Allowed for the steward that houses the rows and the partner whose they are, also after their removal."""
    ended = lapsed(id)
    done = Destruction.objects.filter(kind="consent", subject=id).first() if ended is None else None
    allowed = ended.may_order(by.partner) if ended else (
        done is not None and by.partner in (done.partner, *done.work.get("partners", ()))
    )  # fmt: skip
    if not allowed:
        raise unknown_consent()


def _finished(kind: str, id: str) -> Destruction | None:
    """The finished order for this subject; None for a partner, whose records may be destroyed again."""
    if kind == "partner":
        return None
    if kind == "load":
        return Destruction.objects.filter(id=_certificate_of_load(id), step=DONE).first()
    return Destruction.objects.filter(kind=kind, subject=id, step=DONE).order_by("-at").first()


def _certificate_of_load(id: str) -> str:
    """The order by which the load was taken back, alone or with an earlier one; empty where it was not."""
    found = batch_of(id)
    return str(found.taken_back.get("certificate", "")) if found else ""


def _brought_back(kind: str, id: str) -> bool:
    """Whether the data here are from before their destruction."""
    buried = Vault(current_community()).keyring.buried()
    before = {"agreement": buried.agreements, "person": buried.persons}.get(kind, {})
    if not buried.files or id not in before:
        return False
    name, _ = before[id]
    return not Destruction.objects.filter(id=name).exists() or _live_again(buried.files)


def _live_again(files: Mapping[str, object]) -> bool:
    return any(id in files for id in StoredFile.objects.filter(state=LIVE).values_list("id", flat=True))


def _order(
    kind: str,
    id: str,
    why: str,
    asked_by: str,
    by: Actor,
    named: Collection[str] | None = None,
    agreed: UndoAsked | None = None,
    *,
    then: Callable[[Destruction], object] = lambda order: None,
) -> Destruction:
    """The open order for this subject, or a new one; `then(order)` runs in the transaction that writes it. What must be waited for takes
    the engine to find out, so it is known before that transaction. Refused while there is something."""
    found = _begun(kind, id)
    if kind == "agreement":
        found = _begun(PART, id) or found  # what was begun is ended first
    if kind == "load" and (begun := _certificate_of_load(id)):
        found = Destruction.objects.filter(id=begun).exclude(step=DONE).first() or found
    if found is not None and found.work.pop("stopped", ""):
        found.save(update_fields=["work"])
    if found is not None and found.step != ORDERED:
        then(found)  # its data are gone already, so nothing can stop it
        return found
    asked = (agreed or undo_asked_of(id)) if kind == "load" else None
    given: dict[str, Any] = {
        "why": why.strip(), "asked_by": asked.by if asked else asked_by.strip(), "by": by.email, "partner": by.partner or "", "role": by.role,
        "at": datetime.now(UTC),
    }  # fmt: skip
    changed: dict[str, Any] = {}
    if kind == "load":
        undone = _there(known_load(id))
        decided = agreed is not None or decides(by, undone.partner)
        if found is not None and not decided:
            named = found.work["named"]  # for these alone it was decided
        _check_named(undone, named)
        subject = subject_of_undoing(id, undone)
        changed = {"work": {"named": sorted(undone.ids), "decided": True}}
        if decided and why.strip():
            changed |= given
    else:
        with snapshot() as stored:
            subject = subject_of(stored, kind, id, by)
    if reasons := reasons_to_wait(subject):
        if part_of(kind, id, reasons) is None:
            raise must_wait(kind, id, told(reasons, by))
        kind, found = PART, _begun(PART, id)
    with transaction.atomic():
        order = found or Destruction.objects.create(
            id=new_code(), kind=kind, subject=id, step=ORDERED, **given | changed
        )
        if found is not None and changed:  # unless a worker took the rows out of use meanwhile
            Destruction.objects.filter(id=order.id, step=ORDERED).update(**changed)
            order.refresh_from_db()
        then(order)
    return order


def _begun(kind: str, id: str) -> Destruction | None:
    return Destruction.objects.filter(kind=kind, subject=id).exclude(step=DONE).first()


def part_of(kind: str, id: str, reasons: Sequence[WaitingReason]) -> DestructionPlan | None:
    """What goes of an ended agreement's data where these reasons keep only some learners' rows; None where nothing goes."""
    spared = learners_who_wait(reasons) if kind == "agreement" and reasons else None
    if spared is None:
        return None
    with snapshot() as stored:
        plan = plan_of(stored, PART, id, frozenset(), None, spared)[0]
    return plan if plan.values or plan.rows.keys() & TABLES.keys() else None


def _check_named(found: Undoing, named: Collection[str] | None) -> None:
    """Refused where more loads go than were named to who orders it."""
    more = sorted(set(found.ids) - set(named)) if named is not None else []
    if more:
        raise Refused(
            f"{listed(more)} came in meanwhile and would be taken back too; look again at what goes.",
            code="later_loads",
        )


def _tell_agreement(order: Destruction, by: Actor) -> None:
    """Records with the agreement that its data are destroyed."""
    if order.kind != "agreement":
        return
    life = lifecycle_of(order.subject)
    if life.current.certificate:
        return
    try:
        agreements.destroyed(id=order.subject, by=by, certificate=order.id)
    except Refused as refused:
        if not refused.code.startswith("is_"):  # in an older copy of the data it is still in effect
            raise

"""Steps that every act shares: lock the agreement's rows, check its status, refuse with a reason, record the event."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from throughway.agreements import selectors
from throughway.agreements.acts import ACTS
from throughway.agreements.document import AgreementDocument
from throughway.agreements.models import AgreementEvent, AgreementVersion
from throughway.agreements.selectors import today
from throughway.agreements.signatures import BY_COMMAND
from throughway.agreements.states import AgreementAct, may
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor

LONGEST = 2_000  # characters of a text entered with an act


def hold(id: str) -> None:
    """Locks the agreement's texts until this transaction ends, so that acts on one agreement wait for each other. (SQLite lets
    one transaction write at a time.)"""
    list(AgreementVersion.objects.select_for_update().filter(agreement=id).order_by("number"))


def locked(id: str) -> AgreementLifecycle:
    """The agreement today, locked until this transaction ends."""
    hold(id)
    return selectors.lifecycle_of(id, today())


def record(
    act: AgreementAct, of: AgreementStatus, by: Actor, *, why: str = "", day: date | None = None, details: Mapping[str, str] | None = None
) -> None:  # fmt: skip
    """Records an act on one text of an agreement."""
    record_event(act, of.document.id, of.version, by, why=why, day=day, details=details)


def record_event(
    act: AgreementAct, id: str, version: str, by: Actor, *, why: str = "", day: date | None = None,
    details: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    known = {"how": BY_COMMAND} if by.on_operators_word else {}
    AgreementEvent.objects.create(
        agreement=id, version=version, what=act.value, why=short(why), by=by.email, partner=by.partner, role=by.role,
        at=datetime.now(UTC), day=day or today(),
        details={name: short(text) for name, text in (known | dict(details or {})).items() if text},
    )  # fmt: skip


def short(text: str) -> str:
    if len(text) > LONGEST:
        raise Refused(
            f"A text that is recorded with an act may have at most {LONGEST} characters; shorten it.",
            code="too_long",
        )
    return text.strip()


def past_day(on: date | None) -> date:
    now = today()
    if on is not None and on > now:
        raise Refused(f"{on} is in the future; give a past day, or leave it out.", code="too_early")
    return on or now


def check_state(found: AgreementStatus, act: AgreementAct) -> None:
    if not may(found.state, act):
        raise Refused(
            f"You cannot {ACTS[act].verb} this agreement now: {found.reason}",
            code=f"is_{found.state}",
        )


def check_text(found: AgreementStatus, version: str | None) -> None:
    """Refused where the actor read a text other than the current one."""
    if version is not None and version != found.version:
        id = found.document.id
        raise Refused(
            f"The text of {id} changed while you were reading it; read the new text before you sign.",
            code="changed",
        )


def check_nothing_blocks(document: AgreementDocument, done: str = "signed or activated") -> None:
    blocking = [finding for finding in selectors.findings_on(document) if finding.blocks]
    if blocking:
        first = blocking[0]
        more = f" {len(blocking) - 1} more: see the review." if len(blocking) > 1 else ""
        raise Refused(
            f"{document.id} cannot be {done} as it is: {first.id} at {first.element}: {first.message}{more}",
            code="blocked",
            citations=list(dict.fromkeys(finding.citation for finding in blocking if finding.citation)),
        )

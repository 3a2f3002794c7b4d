"""Every write to drafts. Each records one event, and increases the revision by one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from throughway.agreements import actions as agreements
from throughway.agreements.document import AgreementDocument, document_values
from throughway.agreements.document_yaml import as_yaml, in_order
from throughway.agreements.selectors import agreement_statuses, lifecycle_of
from throughway.agreements.starter_texts import begin as started
from throughway.agreements.starter_texts import template
from throughway.agreements.states import OPEN, AgreementAct, may
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.negotiation.drafting.draft import (
    AgreementDraft,
    DraftAct,
    DraftSection,
    DraftState,
    EditConflict,
    fields_of,
    shaped,
    with_fields,
)
from throughway.negotiation.drafting.models import DraftEvent, DraftRow
from throughway.negotiation.drafting.permissions import check_can_begin, check_can_write
from throughway.negotiation.drafting.schedule import Line, added, removed
from throughway.partners import Actor

LARGEST = 1_000_000  # characters of a draft's values


@transaction.atomic
def begin(
    *,
    chosen: str,
    parties: Mapping[str, Sequence[str]],
    id: str,
    by: Actor,
    title: str = "",
    effective: date | None = None,
    expires: date | None = None,
    answers: Mapping[str, object] | None = None,
    authorities: Mapping[str, str] | None = None,
    under: AgreementDocument | None = None,
) -> AgreementDraft:
    """Starts from a template; Refused when an agreement has that id already. `authorities`: partner → what gives its office the authority to
    sign."""
    check_can_begin(by)
    _check_is_new(id)
    begun = template(chosen)
    offices = {
        partner: begun.part(part).signs for part in reversed(list(parties)) for partner in parties[part]
    }
    values = started(
        begun,
        parties=parties,
        id=id,
        title=title,
        effective=effective,
        expires=expires,
        answers=answers,
        signatories={
            p: (offices[p], authority) for p, authority in (authorities or {}).items() if p in offices
        },
        under=under,
    )
    return _begun(values, by, template=chosen)


@transaction.atomic
def open_agreement(*, id: str, by: Actor) -> AgreementDraft:
    """Opens the text of one's own agreement as a draft: an amendment where it is in effect, otherwise a revision."""
    check_can_begin(by)
    found = lifecycle_of(id).prepared
    if by.partner not in found.ever_parties:
        raise Refused(f"No agreement has the id {id}.", code="unknown_agreement")
    if found.state not in OPEN and not may(found.state, AgreementAct.AMEND):
        raise Refused(
            f"{found.reason} A new agreement, with an id of its own, takes its place.", code="ended"
        )
    # An abstention does not change the text permanently: the draft begins with the signed text.
    document = found.signed_text if found.abstaining else found.document
    return _begun(document_values(document), by, amends=id, base=found.version)


@transaction.atomic
def change(
    *, number: int, revision: int, section: DraftSection, fields: Mapping[str, Any], by: Actor
) -> AgreementDraft:
    """Puts the section's fields as given. `revision`: that which the writer saw.

    Changes of other sections since then are kept. Where this section changed, EditConflict says what was done, and nothing is
    written.
    """
    row = _locked(number, by)
    _check_unchanged(row, revision, section)
    fields = shaped(fields) if section is DraftSection.TEXT else fields
    return _changed(row, with_fields(row.values, section, fields), section, by)


@transaction.atomic
def add_lines(*, number: int, lines: Sequence[Line], by: Actor) -> AgreementDraft:
    """Adds lines to the schedule; Refused when one of them is listed already for the same purpose and partner."""
    row = _locked(number, by)
    schedule = added(row.values.get("schedule") or (), lines)
    return _changed(row, row.values | {"schedule": schedule}, DraftSection.SCHEDULE, by)


@transaction.atomic
def remove_lines(*, number: int, lines: Sequence[Line], by: Actor) -> AgreementDraft:
    """Removes lines from the schedule; a line that is gone already is no error."""
    row = _locked(number, by)
    schedule = removed(row.values.get("schedule") or (), lines)
    return _changed(row, row.values | {"schedule": schedule}, DraftSection.SCHEDULE, by)


@transaction.atomic
def replace_line(*, number: int, old: Line, new: Line, by: Actor) -> AgreementDraft:
    """Replaces a line; Refused when the old one changed since its writer saw it."""
    row = _locked(number, by)
    schedule = list(row.values.get("schedule") or ())
    if old not in schedule:
        raise Refused(
            "Someone changed that line while you were writing; go back to the schedule and change it there.",
            code="changed",
        )
    position = schedule.index(old)
    # Raises Refused for elements listed elsewhere.
    added([*schedule[:position], *schedule[position + 1 :]], [new])
    schedule[position] = new
    return _changed(row, row.values | {"schedule": schedule}, DraftSection.SCHEDULE, by)


@transaction.atomic
def share(*, number: int, by: Actor) -> AgreementDraft:
    """The partners named as parties may read it from now on."""
    row = _locked(number, by)
    row.shared = True
    return _done(row, DraftAct.SHARED, by)


@transaction.atomic
def unshare(*, number: int, by: Actor) -> AgreementDraft:
    row = _locked(number, by)
    row.shared = False
    return _done(row, DraftAct.UNSHARED, by)


@transaction.atomic
def discard(*, number: int, by: Actor) -> AgreementDraft:
    """Closes the draft permanently; its text and its history stay."""
    row = _locked(number, by)
    row.state = DraftState.DISCARDED.value
    return _done(row, DraftAct.DISCARDED, by)


@transaction.atomic
def finish(*, number: int, by: Actor) -> AgreementStatus:
    """Makes its text an agreement of the community, or the later text of the agreement that it amends."""
    row = _locked(number, by)
    text, id = as_yaml(row.values), str(row.values.get("id") or "")
    if row.amends:
        standing = _amended(row, text, by)
    else:
        _check_is_new(id)
        standing = agreements.add(text=text, by=by)
    row.state = DraftState.FINISHED.value
    _done(row, DraftAct.FINISHED, by)
    return standing


def _amended(row: DraftRow, text: str, by: Actor) -> AgreementStatus:
    found = lifecycle_of(row.amends).prepared
    if found.version != row.base:
        raise Refused(
            f"The text of {row.amends} changed since this draft was opened from it; open it again, and carry your changes over.",
            code="changed",
        )
    if row.values.get("id") != row.amends:
        raise Refused(
            f"An amendment keeps the id {row.amends}; write that id back in its first section.",
            code="other_id",
        )
    if found.state in OPEN:
        return agreements.add(text=text, by=by)
    return agreements.amend(id=row.amends, text=text, by=by)


def _begun(
    values: Mapping[str, Any], by: Actor, *, template: str = "", amends: str = "", base: str = ""
) -> AgreementDraft:
    assert by.partner is not None  # checked: a draft belongs to a partner
    now = datetime.now(UTC)
    row = DraftRow.objects.create(
        partner=by.partner, values=in_order(values), template=template, amends=amends, base=base,
        begun_by=by.email, begun_at=now, changed_by=by.email, changed_at=now,
    )  # fmt: skip
    _record(row, DraftAct.BEGUN, None, {}, row.values, by)
    return row.draft()


def _locked(number: int, by: Actor) -> DraftRow:
    """The draft, held until this transaction ends, when the actor may write it."""
    row = DraftRow.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise Refused("That draft does not exist; go back to the list.", code="unknown_draft")
    check_can_write(by, row.draft())
    return row


def _check_is_new(id: str) -> None:
    if any(found.document.id == id for found in agreement_statuses(date.today())):
        raise Refused(
            f"An agreement with the id {id} already exists; give this one another short name, or open that "
            f"one as a draft.",
            code="taken",
        )


def _check_unchanged(row: DraftRow, revision: int, section: DraftSection) -> None:
    since = [event.done() for event in row.events.filter(revision__gt=revision).order_by("revision")]
    of_it = [
        done
        for done in since
        if done.act is DraftAct.CHANGED
        and (section is DraftSection.TEXT or done.section in (section, DraftSection.TEXT))
    ]
    if of_it:
        raise EditConflict(
            f"{of_it[-1].by} changed this section while you were writing. Nothing is lost: your words are "
            "below, unsaved.",
            of_it,
            row.revision,
        )


def _changed(row: DraftRow, values: Mapping[str, Any], section: DraftSection, by: Actor) -> AgreementDraft:
    """Writes the values, when they differ."""
    after = in_order(values)
    if after == row.values:
        return row.draft()
    if len(str(after)) > LARGEST:
        raise Refused("That is too long for an agreement; shorten it.", code="too_long")
    before, row.values = row.values, after
    return _done(row, DraftAct.CHANGED, by, section, fields_of(before, section), fields_of(after, section))


def _done(
    row: DraftRow,
    act: DraftAct,
    by: Actor,
    section: DraftSection | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AgreementDraft:
    row.revision += 1
    row.changed_by, row.changed_at = by.email, datetime.now(UTC)
    row.save()
    _record(row, act, section, before or {}, after or {}, by)
    return row.draft()


def _record(
    row: DraftRow,
    act: DraftAct,
    section: DraftSection | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    by: Actor,
) -> None:
    DraftEvent.objects.create(
        draft=row, revision=row.revision, what=act.value, section=section.value if section else "",
        before=dict(before), after=dict(after), by=by.email, at=row.changed_at,
    )  # fmt: skip

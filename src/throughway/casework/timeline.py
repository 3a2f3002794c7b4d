"""Past events, newest first: supports that began and ended, referrals and their outcomes, weeks of absence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.casework.attendance import CLUSTER, LATELY
from throughway.casework.contact_notes.note import ShownNote
from throughway.casework.referrals.referral import ShownReferral
from throughway.casework.referrals.transitions import ReferralMove
from throughway.casework.student_facts import (
    LoadedReferral,
    Support,
    Tables,
    named,
    rows_of,
    words,
)
from throughway.core.prose import day
from throughway.supports.student import parsed_day


@dataclass(frozen=True)
class TimelineEvent:
    """`kind` chooses the mark; `what` and `partner` follow the day. `note`: what a person typed, shown with its earlier versions."""

    on: date
    kind: str
    what: str
    partner: str
    title: str
    text: str = ""
    note: ShownNote | None = None


def timeline_events(
    days: Mapping[date, bool],
    supports: Sequence[Support],
    referrals: Sequence[LoadedReferral],
    tables: Tables,
    notes: Sequence[ShownNote] = (),
    referred: Sequence[tuple[ShownReferral, str]] = (),
    *,
    names: Mapping[str, str],
    partners: Mapping[str, str],
    school: str,
    today: date,
) -> list[TimelineEvent]:
    """All events up to today, newest first. `referred`: referrals that were made on the site, each with the name of the support;
    `school`: the partner that sends attendance, if known."""
    found = [
        *_notes(notes),
        *_supports(supports),
        *_referrals(referrals),
        *_referred(referred),
        *_absence(days, school),
        *_school(tables, names, partners),
    ]
    return sorted((e for e in found if e.on <= today), key=lambda e: e.on, reverse=True)


def _notes(notes: Sequence[ShownNote]) -> Iterator[TimelineEvent]:
    for note in notes:
        title = note.now.kind_words
        yield TimelineEvent(note.now.on, "contact", "Contact", note.now.partner, title, note=note)


def _supports(supports: Sequence[Support]) -> Iterator[TimelineEvent]:
    for s in supports:
        yield TimelineEvent(s.start, "support", "Support", s.partner, f"{s.name} began")
        if s.end is not None:
            came = f"Came {_times(s.sessions)}." if s.sessions else ""
            why = f"{s.why_ended}." if s.why_ended else ""
            yield TimelineEvent(
                s.end, "support", "Support", s.partner, f"{s.name} ended", " ".join(filter(None, (came, why)))
            )


def _referrals(referrals: Sequence[LoadedReferral]) -> Iterator[TimelineEvent]:
    for r in referrals:
        yield TimelineEvent(r.sent, "referral", "Referral", r.to, f"Referred to {r.to}",
                    "No answer yet." if r.waits else "")  # fmt: skip
        if r.closed is not None:
            came = words(r.outcome) or words(r.status) or "closed"
            yield TimelineEvent(r.closed, "referral", "Referral", r.to, f"{r.to}: {came.lower()}")


# Drafts are no events yet; a call in vain and a stay that goes on are in the referral. What a service answers whose clients the law
# protects stays there too.
NOT_TOLD = frozenset(
    {
        ReferralMove.ASK, ReferralMove.CHECK, ReferralMove.TRY, ReferralMove.GO_ON, ReferralMove.CLOSE,
        ReferralMove.CONNECTED, ReferralMove.NOT_CONNECTED, ReferralMove.CANNOT_SAY,
    }
)  # fmt: skip


def _referred(referred: Sequence[tuple[ShownReferral, str]]) -> Iterator[TimelineEvent]:
    for shown, support in referred:
        for event in shown.events:
            if event.kind not in NOT_TOLD and event.kind in set(ReferralMove):
                was_sent = event.kind == ReferralMove.SEND
                title = f"Referred to {support}" if was_sent else f"{support}: {event.title.lower()}"
                why = event.reason_words or ("" if was_sent else event.words)
                yield TimelineEvent(event.on, "referral", "Referral", event.partner, title, why)


def _absence(days: Mapping[date, bool], school: str) -> Iterator[TimelineEvent]:
    """Four-week periods in which many days were missed, each once, dated by the last day missed."""
    missed = [d for d, was in sorted(days.items()) if was]
    while missed:
        first = missed[0]
        held = [d for d in missed if d - first < timedelta(days=LATELY)]
        if len(held) >= CLUSTER:
            yield TimelineEvent(held[-1], "loss", "Attendance", school, f"Missed {len(held)} days since {day(held[0])}",
                        "This is a reason to talk, not a judgment.")  # fmt: skip
            missed = missed[len(held) :]
        else:
            missed = missed[1:]


def _school(tables: Tables, names: Mapping[str, str], partners: Mapping[str, str]) -> Iterator[TimelineEvent]:
    for row in rows_of(tables, "school_enrollment"):
        id = str(row.get("organization_id") or "")
        school = names.get(id) or partners.get(id.partition("/")[0]) or named(id, names, "a school")
        began = parsed_day(row.get("enrollment_entry_date"))
        if began is not None:
            partner = partners.get(id.partition("/")[0], "")
            yield TimelineEvent(began, "record", "School", partner, f"Began at {school}")
    for row in rows_of(tables, "credential"):
        on = parsed_day(row.get("diploma_or_credential_award_date")) or parsed_day(
            row.get("academic_award_date")
        )
        if on is not None:
            title = words(str(row.get("academic_award_title") or "")) or "A diploma"
            yield TimelineEvent(on, "record", "Credential", "", f"{title} awarded")


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"

"""Parts of a home about programs: seats and who waits, sessions to record, referrals to answer, promises of service. Own programs first.

Seats are what partners say of their programs; a small number of students who wait is not said. Figures of promises are those of the
newest public release.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from django.urls import reverse

from throughway.casework.referrals.referral import LATE, TABLE
from throughway.casework.referrals.selectors import STEPS as REFERRALS
from throughway.casework.referrals.selectors import unanswered
from throughway.casework.selectors import CaseworkReader
from throughway.casework.sessions.groups import groups
from throughway.casework.sessions.selectors.entries import marked_records
from throughway.casework.sessions.selectors.rosters import last_fed
from throughway.casework.student_summary import StudentSummary
from throughway.core.prose import counted, school_year
from throughway.evidence.selectors import decisions_due, newest_findings
from throughway.evidence.verdict import Verdict
from throughway.evidence.verdict_words import HEADLINES
from throughway.insight.commitments.figures import PromiseFigures
from throughway.insight.commitments.selectors import SERVICES, promises
from throughway.insight.reports.selectors import newest_of
from throughway.partners import PartnerKind
from throughway.partners.open_step import due_tag
from throughway.site.home.page import HomeContext, HomeItem, HomePart, WaitingItem
from throughway.site.open_steps.selectors import open_steps
from throughway.supports.entry import SupportEntry
from throughway.supports.selectors import recent_entries

EACH = 5  # lines that are named one by one
MOST_FINDINGS = 3


def _open_entries(on: date) -> list[SupportEntry]:
    """Those of seasons that run or are to come: seats of a season that has ended are no seats."""
    return [each for each in recent_entries() if not each.has_ended(on)]


def own_programs(context: HomeContext) -> HomePart | None:
    """Seats and who waits in the programs of the reader's organization."""
    own = [each for each in _open_entries(context.today) if each.partner == context.actor.partner]
    if not own:
        return None
    named = own if len(own) == EACH + 1 else own[:EACH]  # "1 more" takes the same line
    return HomePart(
        "Our programs", [_seats(each) for each in named], _all(len(own) - len(named), "supports:list")
    )


def _seats(found: SupportEntry) -> HomeItem:
    words = (
        ", ".join(filter(None, (found.said.seats_words, found.said.waiting_words))) or "seats are not stated"
    )
    return HomeItem(f"{found.said.name}: {words}", reverse("supports:entry", args=[found.number]))


def _all(more: int, page: str) -> HomeItem | None:
    return HomeItem(f"And {more} more", reverse(page)) if more > 0 else None


def found_by_studies(context: HomeContext) -> HomePart | None:
    """What studies found, in their own headlines: those on the reader's programs first, then those whose word tells something."""
    found = sorted(
        newest_findings(context.actor),
        key=lambda each: (each.program_partner != context.actor.partner, each.verdict is Verdict.NOT_ENOUGH_EVIDENCE),
    )  # fmt: skip
    if not found:
        return None
    lines = [
        HomeItem(
            f"{each.title} {HEADLINES[each.verdict]}",
            reverse("studies:finding", args=[each.release]),
            "the program has replied" if each.replied else "",
        )
        for each in found[:MOST_FINDINGS]
    ]
    return HomePart("What studies found", lines, _all(len(found) - MOST_FINDINGS, "studies:list"))


def decisions_after_studies(context: HomeContext) -> HomePart | None:
    """What was decided after studies and is due: of the reader's organization, and for the backbone of all."""
    own = context.partners.get(context.actor.partner or "")
    every = own is not None and own.kind is PartnerKind.BACKBONE
    found = [e for e in decisions_due(context.today) if every or e.owner_partner == context.actor.partner]
    if not found:
        return None
    lines = [
        HomeItem(
            f"{each.title} {context.name(each.owner_partner)}: {each.stage}",
            reverse("studies:finding", args=[each.release]),
            due_tag(each.next_day, context.today)[1] if each.next_day else "",
        )
        for each in found[:EACH]
    ]
    return HomePart("Decided after studies", lines, _all(len(found) - EACH, "open_steps:open_steps"))


def seats_and_waits(context: HomeContext) -> HomePart | None:
    """The reader's own programs one by one, then the seats of all others together."""
    every = _open_entries(context.today)
    if not every:
        return None
    own = [each for each in every if each.partner == context.actor.partner]
    others = [each for each in every if each.partner != context.actor.partner]
    lines = [_seats(each) for each in own[:EACH]]
    stated = [free for each in others if (free := each.free_seats(context.today)) is not None]
    if others:
        seats = f": {counted(sum(stated), 'seat')} free" if stated else ""
        some = f" in the {len(stated)} that state them" if 0 < len(stated) < len(others) else ""
        programs = counted(len(others), "program")
        lines.append(HomeItem(f"{programs} of others{seats}{some}", reverse("supports:list")))
    return HomePart("Seats and who waits", lines)


def commitments(context: HomeContext) -> HomePart | None:
    """What was promised, and what the newest public figures say of it; own programs first."""
    found = promises(context.actor, context.today, newest_of(SERVICES))
    if not found:
        return None
    found.sort(key=lambda each: (each.promise.partner != context.actor.partner, each.promise.program))
    page = reverse("services:newest")
    lines = [
        HomeItem(f"{each.promise.program}, {context.name(each.promise.partner)}: {_kept(each)}", page)
        for each in found[:EACH]
    ]
    return HomePart("Promised, and kept", lines, _all(len(found) - EACH, "services:newest"))


def _kept(found: PromiseFigures) -> str:
    beside = f"; {found.beside}" if found.beside else ""
    seats = f"{found.promise.seats} seats promised" if found.promise.seats else "no number of seats promised"
    if not found.years:
        return f"{seats}; no published figure{beside}"
    latest = max(found.years, key=lambda year: year.year)
    shown = latest.students
    took_part = (
        "the figure is withheld"
        if shown is None
        else f"{shown if isinstance(shown, str) else f'{shown:,}'} took part"
    )
    return f"{seats}; in {school_year(latest.year)} {took_part}{beside}"


def referrals_of_all(context: HomeContext) -> HomePart | None:
    """How many referrals have waited too long for an answer, by partner; own first. A small number is not said."""
    found = unanswered(context.today)
    if not found:
        return None
    own = context.name(context.actor.partner)
    found.sort(key=lambda each: each.partner != own)
    lines = [
        HomeItem(
            f"{each.partner}: {each.words} without an answer for {LATE} days or more",
            reverse("casework:unanswered"),
        )
        for each in found[:EACH]
    ]
    return HomePart("Referrals to answer", lines, _all(len(found) - EACH, "casework:unanswered"))


def referrals_that_wait(
    context: HomeContext, reader: CaseworkReader, students: Sequence[StudentSummary] = ()
) -> Iterator[WaitingItem]:
    """Referrals whose next step is the reader's: by the name of the student where the reader's list has it, else without a word about the
    student."""
    actor, on = context.actor, context.today
    if not reader.types(TABLE):
        return
    steps = open_steps(on)  # of every room, and cached
    found = [(step.due or date.max, step) for step in steps if step.kind in REFERRALS and step.is_for(actor)]
    found.sort(key=lambda each: each[0])
    named = {
        step.referral: (student, step) for student in students for step in student.steps if step.referral
    }
    for due, step in found[:EACH]:
        kind, words = due_tag(due, on)
        student, of_student = named.get(step.href_args[0], (None, None))
        yield WaitingItem(
            f"{student.name}: {of_student.title}" if student and of_student else step.title,
            of_student.why if of_student else "The other organization sees what you answer.", "Open the referral",
            reverse(step.href_name, args=step.href_args), kind, words, 0 if kind == "stop" else 2, covers=frozenset(REFERRALS),
        )  # fmt: skip
    if (more := len(found) - EACH) > 0:
        yield WaitingItem(
            f"{counted(more, 'more referral')} to answer", "Each has a day due.", "See the referrals",
            reverse("casework:referrals"), "wait", "waits", 3,
        )  # fmt: skip


def sessions_to_record(context: HomeContext, reader: CaseworkReader) -> Iterator[WaitingItem]:
    """The groups whose attendance is recorded here and not yet today: those that meet today by the directory, and those of which it does not
    say on which days they meet. Not those that another system records: their page has no form."""
    if not reader.group_purposes:
        return
    own = context.actor.partner or ""
    for group in groups(own, recent_entries(), {}, last_fed(context.actor, reader), context.today):
        if (
            group.fed is None
            and group.meets is not False
            and not marked_records(own, group.program, context.today)
        ):
            when = f"Today, {group.when}." if group.when else "It meets today."
            if group.meets is None:
                when = "The directory does not say on which days it meets."
            yield WaitingItem(
                f"Attendance of {group.name}", when, "Take attendance",
                reverse("sessions:roster", args=[group.program]), "wait", "today" if group.meets else "if it meets", 1 if group.meets else 4,
            )  # fmt: skip

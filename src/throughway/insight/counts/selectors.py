"""What came of the counts that a person asked for; and for everybody, where a report stands that is not published yet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from throughway.core.prose import day, listed
from throughway.insight.counts.actions import COUNT
from throughway.partners import Actor
from throughway.partners.asked_work.selectors import TOLD_FOR, asked_last, asked_now
from throughway.partners.asked_work.work import REFUSED, AskedNow
from throughway.partners.selectors import partner_names, users
from throughway.publication.selectors import Published, registered
from throughway.publication.states import ReleaseState, sentence

# The reports of the pages that leaders read, each by its word, as it is called.
CALLED: Mapping[str, str] = {
    "pipeline": "the pipeline", "services": "services promised", "needs": "needs against help", "reach": "whom programs reach",
    "trends": "trends", "school-trends": "trends by school", "program-trends": "trends of programs", "overlaps": "overlaps",
    "experiences": "experiences",
}  # fmt: skip


def counts_of(reader: Actor, kind: str, on: date) -> Sequence[AskedNow]:
    """The reader's own counts of a kind of report, the newest first: those that go on, and those that ended in the last days."""
    return asked_now(COUNT, kind, on, by=reader.email)


def preview_of(reader: Actor, kind: str, number: int, on: date) -> tuple[str, Mapping[str, Any]] | None:
    """The purpose of a count of the reader and what it would show; None where there is no preview of that number, or where it is of
    another day: a report of today may show and withhold other figures."""
    found = next((each for each in counts_of(reader, kind, on) if each.number == number), None)
    return (found.about, found.found["preview"]) if found and has_preview(found, on) else None


def has_preview(asked: AskedNow, on: date) -> bool:
    return "preview" in asked.found and asked.ended_at is not None and asked.ended_at.date() == on


MOST_NAMED = 3  # partners in a sentence; the page of the release names all


@dataclass(frozen=True)
class PublicationState:
    """Where a report stands whose newest figures are not published: one sentence, with what happens next and who can act. `release`: the
    release that waits, where there is one; `asked_by`: the address of who asked for one that is counted or was refused."""

    kind: str
    sentence: str
    release: str = ""
    asked_by: str = ""

    @property
    def href(self) -> str:
        """The page of the report, or of the release that waits."""
        if self.release:
            return reverse("publication:release", args=[self.release])
        return reverse({"pipeline": "insight:pipeline"}.get(self.kind, f"{self.kind}:newest"))


def publication_states(reader: Actor, on: date, *only: str) -> list[PublicationState]:
    """Of each kind of report, or of `only` these: whether a newer one than the public one is being counted, was refused or waits for a person.

    There is none for a kind whose newest report is public, or that nobody asked for; a preview has one for `TOLD_FOR`. Why a report was
    refused, which may speak of releases that others must not know of, is said to who asked alone; a release under review has one for its
    readers alone.
    """
    names, kinds = partner_names(), only or tuple(CALLED)
    asked = {each.kind: each for each in asked_last(COUNT, kinds) if not _is_old_preview(each, on)}
    newest: dict[str, list[Published]] = {}
    for each in registered(reader, *only):
        newest.setdefault(each.about.get("report", ""), []).append(each)
    found = []
    for kind in kinds:
        rows, last = newest.get(kind, []), asked.get(kind)
        public = any(each.standing.is_public for each in rows)
        subject = f"{'A newer report' if public else 'The report'} on {CALLED[kind]}"
        if (
            last
            and "release" not in last.found
            and not (rows and last.ended_at and rows[0].at > last.ended_at)
        ):
            partner = next((user.partner or "" for user in users() if user.email == last.by), "")
            by = names.get(partner, partner) or "the operator of the folder"
            told = _asked(last, by, of_reader=last.by == reader.email)
            found.append(PublicationState(kind, f"{subject} {told}", asked_by=last.by))
        elif rows and not rows[0].standing.is_public:
            found.append(PublicationState(kind, f"{subject} {_waits(rows[0], names)}", release=rows[0].id))
    return found


def _is_old_preview(asked: AskedNow, on: date) -> bool:
    return "preview" in asked.found and asked.ended_at is not None and on - asked.ended_at.date() > TOLD_FOR


def _asked(asked: AskedNow, by: str, *, of_reader: bool) -> str:
    """What came of a count, who can act, and what happens then; completes `The report on needs`."""
    when = day((asked.ended_at or asked.asked_at).date())
    if asked.waits:
        return f"is being counted, as {by} asked on {when}; its page will show the figures, or that they were refused."
    if asked.state != REFUSED:
        return f"was counted as a preview on {when} and is not published: {by} can publish it, or count it again."
    ended = "stopped by a fault" if asked.message in (COUNT.stopped, COUNT.broken) else "refused"
    if of_reader:
        why = asked.message.partition(". ")[0].rstrip(".")  # who asked reads all of it on the report's page
        return f"was {ended} on {when}, and {by} can ask again: {why}."
    return f"was {ended} on {when}, so nothing of it is published; {by} asked for it, is told why, and can ask again."


def _waits(found: Published, names: Mapping[str, str]) -> str:
    """What holds a release back, who can act, and what happens then; completes `The report on needs`."""
    state = found.standing

    def called(partners: Collection[str]) -> str:
        few = len(partners) <= MOST_NAMED
        return listed(names.get(each, each) for each in partners) if few else f"{len(partners)} partners"

    publisher = names.get(found.partner, found.partner) or "the operator of the folder"
    if state.withdrawn:
        return f"was withdrawn on {day(state.withdrawn.on)}: {publisher} can publish it anew. {sentence(state.withdrawn.reason)}"
    if state.state is ReleaseState.HELD:
        held = called([each.partner for each in state.objections])
        return (
            f"is held by an objection of {held}: it goes on when that is withdrawn or {publisher} answers it."
        )
    if state.needs_approval:
        return f"waits for a second person: it is public once a leader, privacy officer or data steward of {called(state.disclosers)} agrees."
    return (
        f"becomes public {f'on {day(state.public_on)}, or ' if state.public_on else ''}once all agree: {called(state.missing)} "
        f"{'has' if len(state.missing) == 1 else 'have'} not, and can agree or object until then."
    )

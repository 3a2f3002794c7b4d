"""What other rooms and screens ask about negotiations."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from throughway.agreements.acts import BINDING
from throughway.agreements.selectors import agreement_lifecycles, prepared_status
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.negotiation.models import PartyComment, ProposalAnswer, ProposedChange
from throughway.negotiation.proposals import Proposal, Status, still_open
from throughway.partners.open_step import OpenStep

ANSWER_WITHIN = timedelta(days=14)  # days after which a proposal counts as overdue


def proposals(id: str) -> list[Proposal]:
    """Every proposal ever made on an agreement, oldest first, with its answers."""
    return _with_answers(
        ProposedChange.objects.filter(agreement=id), ProposalAnswer.objects.filter(agreement=id)
    )


def proposal(number: int) -> Proposal:
    """One proposal; Refused when there is none of that number."""
    found = _with_answers(
        ProposedChange.objects.filter(id=number), ProposalAnswer.objects.filter(proposal=number)
    )
    if not found:
        raise Refused(f"No proposal has the number {number}.", code="unknown_proposal")
    return found[0]


def _with_answers(made: Iterable[ProposedChange], given: Iterable[ProposalAnswer]) -> list[Proposal]:
    answers: dict[int, list[ProposalAnswer]] = defaultdict(list)
    for answer in sorted(given, key=lambda one: one.id):
        answers[answer.proposal].append(answer)
    return [one.proposal(answers[one.id]) for one in sorted(made, key=lambda one: one.id)]


def open_proposals(id: str) -> list[Proposal]:
    """Those that wait for somebody's answer; none unless the text is in negotiation."""
    found = prepared_status(id)
    return open_in(found, proposals(id))


def open_in(found: AgreementStatus, made: list[Proposal]) -> list[Proposal]:
    return still_open(made, found.signed_text) if found.state is AgreementState.NEGOTIATION else []


def comments(id: str) -> list[PartyComment]:
    """Every comment on an agreement's texts and proposals, oldest first."""
    return list(PartyComment.objects.filter(agreement=id).order_by("id"))


def holds_agreeing(id: str) -> str | None:
    """Why the text cannot be settled yet: proposals wait for an answer."""
    waiting = len(open_proposals(id))
    if not waiting:
        return None
    what = "One proposal waits" if waiting == 1 else f"{waiting} proposals wait"
    return f"{what} for an answer; each is accepted, refused or withdrawn before its text is settled."


def open_steps(on: date) -> list[OpenStep]:
    """For each party the proposals of others that it has not answered, one step for each agreement."""
    found = {s.document.id: s for s in _in_negotiation(on)}
    made = _with_answers(
        ProposedChange.objects.filter(agreement__in=found), ProposalAnswer.objects.filter(agreement__in=found)
    )
    waiting: dict[tuple[str, str], list[Proposal]] = defaultdict(list)
    for proposal in made:
        standing = found[proposal.agreement]
        if proposal.status is Status.OPEN and still_open([proposal], standing.signed_text):
            for partner in proposal.waits_for(standing.document.partners):
                waiting[proposal.agreement, partner].append(proposal)
    return [_step(found[id], partner, unanswered) for (id, partner), unanswered in waiting.items()]


def _in_negotiation(on: date) -> list[AgreementStatus]:
    prepared = [life.prepared for life in agreement_lifecycles(on)]
    return [found for found in prepared if found.state is AgreementState.NEGOTIATION]


def _step(found: AgreementStatus, partner: str, unanswered: list[Proposal]) -> OpenStep:
    since = min(proposal.day for proposal in unanswered)
    what = "a proposal" if len(unanswered) == 1 else f"{len(unanswered)} proposals"
    return OpenStep(
        kind="answer",
        title=f"Answer {what} to change its text",
        waits_for=partner,
        roles=BINDING,
        since=since,
        due=since + ANSWER_WITHIN,
        href_name="negotiation:one",
        href_args=(found.document.id,),
        agreement=found.document.id,
    )

"""Agreements that wait for the reader: to sign, to put into effect, to cure, to renew."""

from collections.abc import Iterator

from django.urls import reverse

from throughway.agreements.agreement_list import count_blocking
from throughway.agreements.available_acts import acts
from throughway.agreements.labels import day
from throughway.agreements.selectors import pending_amendments
from throughway.agreements.states import OPEN, AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.agreements.status_summary import ENDS_SOON, waiting_on
from throughway.partners import Role
from throughway.site.home.context import HomeContext
from throughway.site.home.items import Wait

ASKED = {
    AgreementAct.SIGN: ("Sign", "Read and sign", "to sign", 1),
    AgreementAct.ACTIVATE: ("Put into effect", "See and put into effect", "signed", 2),
    AgreementAct.RESUME: ("Resume", "See and resume", "suspended", 3),
}
WATCHES = (
    Role.PRIVACY_OFFICER,
    Role.DATA_STEWARD,
)  # who is told of drafts that are blocked and of ends that come


def papers(around: HomeContext) -> Iterator[Wait]:
    for standing in (*around.standings, *pending_amendments(around.today)):
        if around.actor.partner in standing.document.partners:
            yield from _of(standing, around)


def _of(standing: AgreementStatus, around: HomeContext) -> Iterator[Wait]:
    document = standing.document
    found = around.findings.get(document.id, ())
    blocking = count_blocking(found)
    is_later = standing.state in OPEN and any(
        s.document.id == document.id and s.state not in OPEN for s in around.standings
    )
    href = reverse("agreements:later" if is_later else "agreements:one", args=[document.id])
    held = waiting_on(standing, blocking, (), around.names, around.today)
    asked = next((a for a in acts(around.actor, standing, blocking, around.today) if a in ASKED), None)
    if asked is not None:
        verb, button, words, rank = ASKED[asked]
        yield Wait(f"{verb}: {document.title}", held, button, href, "wait", words, rank)
    elif standing.state in OPEN and blocking and around.actor.role in WATCHES:
        yield Wait(
            f"Stopped at review: {document.title}",
            f"{held} Each says what is missing and what cures it.",
            "See what to cure",
            href,
            "stop",
            "stopped",
            4,
        )
    if standing.in_effect and around.actor.role in WATCHES:
        left = (document.terms.expires - around.today).days
        if left <= ENDS_SOON:
            yield Wait(
                f"Ends soon: {document.title}",
                f"Nothing passes under it after {day(document.terms.expires)}. A new text takes its place when every "
                "party has signed it.",
                "Read it", href, "warn", f"{left} days left", 6,
            )  # fmt: skip

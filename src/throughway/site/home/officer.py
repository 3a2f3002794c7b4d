"""Home of a privacy officer: what to sign and to cure, what ends, who was refused, who read."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from throughway.core.prose import counted, day
from throughway.ledger.entry_presenter import KNOWN_PURPOSES
from throughway.ledger.redisclosure_requests import waiting
from throughway.ledger.selectors import lately, readings_of
from throughway.site.home.agreements import papers
from throughway.site.home.context import HomeContext
from throughway.site.home.items import Home, HomeItem, Number, Wait, article, count
from throughway.site.home.steps import steps

A_WEEK = 7


def officer(around: HomeContext) -> Home:
    readings = readings_of(around.actor.partner or "", days_back=A_WEEK)
    in_effect = sum(s.in_effect for s in around.standings if around.actor.partner in s.document.partners)
    return Home(
        waits=[*papers(around), *steps(around), *further_disclosures(around), *refusals(around)],
        numbers=[
            Number(readings["readings"], "readings of our records by others, last 7 days"),
            Number(readings["readers"], "partners whose people read them"),
            Number(in_effect, "agreements of ours in effect"),
        ],
        onward=HomeItem("See who read our records", reverse("ledger:ledger")),
    )


def further_disclosures(around: HomeContext) -> Iterator[Wait]:
    """Requests for a record of further disclosures that wait, ours and those made to us (34 CFR 99.32(b)(2)(iii))."""
    own, today = around.actor.partner or "", date.today()
    for asked in waiting(own):
        late, owed = asked.overdue(today), asked.authority == own
        other = around.name(asked.discloser if owed else asked.authority)
        yield Wait(
            f"{other} asked us to whom we passed its records on" if owed else f"We wait to hear to whom {other} passed our records on",
            f"Asked on {day(asked.on)}{', for a parent' if asked.for_parent else ''}; "
            f"the answer {'was' if late else 'is'} due on {day(asked.due)}.",
            "See the ledger", reverse("ledger:ledger"), "stop" if late else "wait", "overdue" if late else "waits",
            1 if late else 4 if owed else 8,
        )  # fmt: skip


def refusals(around: HomeContext) -> Iterator[Wait]:
    """Requests of the last week that were refused: one thing to look at, however many there were."""
    found = lately(around.sight, outcome="refused", days_back=A_WEEK, most=20)
    if not found.lines:
        return
    newest = found.lines[0]
    many = len(found.lines)
    why = newest.reasons[0]["sentence"] if newest.reasons else KNOWN_PURPOSES.get(newest.purpose, "")
    said = (
        "More than twenty requests were"
        if found.earlier
        else f"{count(many)} request{' was' if many == 1 else 's were'}"
    )
    yield Wait(
        f"{said} refused in the last week",
        f"Lately {article(newest.role_words.lower())} of {around.name(newest.partner)} was told: “{why}”"
        if newest.partner
        else f"Lately: “{why}”",
        "See them", f"{reverse('ledger:ledger')}?outcome=refused&days=7", "stop", counted(many, "refusal"), 7,
    )  # fmt: skip

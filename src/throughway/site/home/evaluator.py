"""Home of an evaluator: purposes that may be used, the newest finding, what was refused lately."""

from collections.abc import Iterator

from django.urls import reverse

from throughway.agreements.enums import AccessForm, PurposeKind
from throughway.agreements.extract_permission import is_license
from throughway.agreements.labels import day
from throughway.core.prose import counted
from throughway.gate.open_purposes import OpenPurpose, openings
from throughway.insight.selectors import newest
from throughway.ledger.selectors import own_refusals
from throughway.site.home.context import HomeContext
from throughway.site.home.items import Home, HomeItem, Wait, count
from throughway.site.home.steps import steps

FORMS = {
    AccessForm.AGGREGATE: "protected figures",
    AccessForm.PSEUDONYMOUS: "rows under random codes",
    AccessForm.IDENTIFIED: "identified rows",
}


def evaluator(around: HomeContext) -> Home:
    found = openings(around.all_standings, around.actor, tuple(PurposeKind))
    # Of several agreements the first speaks for a purpose.
    purposes = {o.purpose: o for o in reversed(found)}.values()
    return Home(
        waits=[*steps(around), *_refused(around)],
        onward=HomeItem("See the pipeline", reverse("insight:pipeline")),
        finding=newest(),
        heading="What you may ask" if purposes else "",
        lines=[
            HomeItem(f"{o.interest.rstrip('.')}: {FORMS[o.form]}, until {day(o.expires)}",
                 reverse("extracts:make" if _takes_along(o, around) else "agreements:one", args=[o.agreement]),
                 o.purpose.replace("-", " "))
            for o in purposes
        ],
    )  # fmt: skip


def _takes_along(found: OpenPurpose, around: HomeContext) -> bool:
    """Whether rows can be taken along: under codes, by a license; all else is asked for as its agreement says."""
    documents = (s.document for s in around.all_standings if s.document.id == found.agreement)
    return found.form is AccessForm.PSEUDONYMOUS and any(is_license(document) for document in documents)


def _refused(around: HomeContext) -> Iterator[Wait]:
    found = own_refusals(around.actor.email, days_back=7)
    if found:
        sentence = found[0].reasons[0]["sentence"] if found[0].reasons else ""
        yield Wait(
            f"{count(len(found))} of your requests {'was' if len(found) == 1 else 'were'} refused in the last week",
            sentence, "See the agreements", reverse("agreements:list"), "stop", counted(len(found), "refusal"), 3,
        )  # fmt: skip

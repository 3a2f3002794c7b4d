"""Makes reports: through the gate, through disclosure, into the registry, and only then onto a page."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from throughway.agreements.reading import standings
from throughway.disclosure.actions import publish
from throughway.disclosure.protect import protect
from throughway.gate.actions import enter, one_question
from throughway.gate.decision import agreements_of
from throughway.insight.asking import Asking, FiguresDoor
from throughway.insight.figures import pipeline, step_to_json, to_json
from throughway.insight.headings import heading
from throughway.insight.headings import to_json as headings_to_json
from throughway.insight.made import made_of
from throughway.insight.measures import Measured, Passage, Sight
from throughway.insight.method import method
from throughway.insight.pipeline import pipeline_tables
from throughway.insight.policies import community_policy
from throughway.insight.reading import PIPELINE, report
from throughway.insight.screens import written
from throughway.partners import Actor
from throughway.partners.reading import partner_names, partners
from throughway.prose import day
from throughway.refusals import Refused
from throughway.store import Community

NEEDED = ("organization_id", "enrollment_entry_date", "entry_grade_level")
TITLE = "Where students are lost on the way"


class ReportDoor(FiguresDoor, Protocol):
    """What a report needs of the gate's door."""

    @property
    def grants(self) -> Sequence[Any]: ...
    @property
    def form(self) -> str: ...
    @property
    def minimum_cell(self) -> int: ...
    @property
    def agreements(self) -> Sequence[str]: ...
    @property
    def on(self) -> date: ...


def report_pipeline(
    *, actor: Actor, purpose: str, on: date | None = None, out: Path | None = None
) -> dict[str, object]:
    """Counts the pipeline under a purpose of form aggregate, publishes it protected, and writes the page.

    Returns the published figures with their release. Refused where the purpose gives other than protected figures, or
    does not show when students enrolled and in which grade.
    """
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise Refused(
            f"The report is written as HTML; give --out a name such as {out.stem}.html.", code="format"
        )
    door = enter(actor=actor, purpose=purpose, on=on)
    if door.form != "aggregate":
        raise Refused(
            f"A report shows counts, and purpose {purpose} is of form {door.form}; ask under a purpose of form aggregate.",
            code="not_aggregate",
        )
    with one_question(actor=actor, purpose=purpose):
        return reported(door, actor=actor, purpose=purpose, out=out)


def reported(door: ReportDoor, *, actor: Actor, purpose: str, out: Path | None) -> dict[str, object]:
    """The report through a door that is open."""
    on = door.on
    sight = sight_of(door.grants)
    if not sight.shows("school_enrollment", *NEEDED):
        raise Refused(
            f"Purpose {purpose} does not show enrollment days, schools and grades, so nobody can be counted; "
            "an agreement must schedule school_enrollment for it.",
            code="not_granted",
        )
    community: Community = settings.COMMUNITY
    policy = community_policy(community)
    asking = Asking(door, sight, policy, on)
    found = [_named(m) for m in asking.milestones()]
    passages = [Passage(_named(p.measured), p.after, p.since, p.joined) for p in asking.passages(found)]
    raw = pipeline_tables(found, passages)
    tables = protect(raw.tables, minimum_cell=door.minimum_cell, relations=raw.relations)
    steps = {p.measure.id: p for p in passages}
    headings = [heading(m, steps.get(m.measure.id), policy) for m in found]
    how = method(policy, [h.id for h in headings if not h.unseen])
    told = pipeline(headings, tables, raw.kinds)
    release = publish(
        title=TITLE, tables=[*tables, made_of(told)], purpose=purpose, on=on, agreements=agreements_of(door.grants),
        minimum_cell=door.minimum_cell, disclosures=asking.disclosures, by=actor,
        about={
            "report": PIPELINE, "page": "insight:release", "headings": headings_to_json(headings), "kinds": list(raw.kinds),
            "method": how.to_json(),
            "partners": [_name(p) for p in sight.partners("school_enrollment", *NEEDED)],
            "agreements": _agreements(door.agreements, on),
        },
    )  # fmt: skip
    path = out or community.reports / f"pipeline-{release}.html"
    made = report(release)
    written(path, made.page)
    return {
        "release": release,
        "title": TITLE,
        "purpose": purpose,
        "as_of": on.isoformat(),
        "minimum_cell": door.minimum_cell,
        "agreements": list(door.agreements),
        "disclosure": asking.disclosures[-1],
        "disclosures": asking.disclosures,
        "headline": made.page.headline,
        "method": how.to_json(),
        "milestones": [to_json(m) for m in made.told.milestones],
        "steps": [step_to_json(s) for s in made.told.steps],
        "report": str(path),
    }


def sight_of(grants: Iterable[Any]) -> Sight:
    """The columns that the grants show as they are; a blurred or emptied column cannot be counted by."""
    tables: dict[str, dict[str, frozenset[str]]] = {}
    for grant in grants:
        plain = {name for name, transform in grant.columns.items() if transform.name == "none"}
        partner = tables.setdefault(grant.table, {})
        partner[grant.discloser] = partner.get(grant.discloser, frozenset()) | plain
    return Sight(tables)


def _agreements(ids: Iterable[str], on: date) -> list[dict[str, str]]:
    """The agreements by title, and until when they hold."""
    known = {s.document.id: s.document for s in standings(on)}
    return [
        {"id": id, "title": known[id].title, "until": day(known[id].terms.expires)}
        if id in known
        else {"id": id, "title": id, "until": ""}
        for id in ids
    ]


def _name(partner: str) -> str:
    facts = partners().get(partner)
    return facts.name if facts else partner


def _named(measured: Measured) -> Measured:
    """The same figures, with partners by their names."""
    return measured.renamed("partner", partner_names())

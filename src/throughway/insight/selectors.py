"""Published pipelines, read from the registry of releases, and who may make a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.conf import settings

from throughway.agreements.enums import AccessForm
from throughway.agreements.selectors import in_effect
from throughway.core.refusals import Refused
from throughway.insight.figures import headings_from_json, pipeline
from throughway.insight.pipeline_page import AgreementReference, PipelinePage, Provenance, pipeline_page
from throughway.insight.pipeline_text import KeyNumber, method_from_json
from throughway.insight.unlinked_records import sentences
from throughway.partners import OPERATOR, Actor
from throughway.publication.selectors import Published, check_shown, joint_notes, published
from throughway.publication.selectors import newest as newest_release
from throughway.publication.why_withheld import why_withheld

PIPELINE = "pipeline"


@dataclass(frozen=True, eq=False)
class Report:
    """A registered pipeline: its release, and the page with its figures."""

    release: Published
    page: PipelinePage


@dataclass(frozen=True)
class Headline:
    """The finding of the newest report, for the home page of leaders."""

    sentence: str
    lead: str
    numbers: tuple[KeyNumber, ...]
    release: str
    data: str  # the last day of each partner's data, in a sentence


@dataclass(frozen=True)
class Askable:
    """A purpose under which a user may make a report."""

    purpose: str
    interest: str


def report(id: str, reader: Actor) -> Report:
    """The pipeline of one release; Refused where the reader may not see it, where it was withdrawn, or where it is not a pipeline."""
    found = published(id, reader, tables=False)
    check_shown(found, reader)
    return Report(found, page_of(found.id, _community()))


def newest_report() -> Report | None:
    """The newest pipeline that is public, to everyone who signs in."""
    found = newest_release(PIPELINE)
    return report(found, OPERATOR) if found else None


def partners_not_seen() -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    """By milestone and class, the partners whose part of it is not seen, as the newest public pipeline shows it."""
    made = newest_report()
    classes = made.page.figures.milestones if made else ()
    return {
        m.heading.id: {m.heading.year: m.unseen_partners}
        for m in classes
        if m.heading.year is not None and m.unseen_partners
    }


def newest() -> Headline | None:
    """The newest finding in words, or None before the first report."""
    made = newest_report()
    if made is None:
        return None
    page = made.page
    return Headline(page.headline, page.lead, page.numbers, made.release.id, page.data)


def askable(actor: Actor, on: date) -> Sequence[Askable]:
    """The purposes of form aggregate of agreements in effect that name the actor's partner and role, each once."""
    found: dict[str, Askable] = {}
    for standing in in_effect(on):
        for entry in standing.document.purposes:
            named = actor.role in entry.roles and actor.partner in standing.document.recipients(entry)
            if entry.form is AccessForm.AGGREGATE and named:
                known = found.get(entry.id)
                interests = [known.interest] if known else []
                interests += [entry.interest] if entry.interest not in interests else []
                found[entry.id] = Askable(entry.id, "; ".join(interests))
    return list(found.values())


def notes(release: Published) -> tuple[str, ...]:
    """What could not be joined for a release, and what earlier releases changed in it, in sentences."""
    return (*sentences(release.about.get("linkage", {}), release.tables), *joint_notes(release.about))


def _community() -> str:
    return str(settings.COMMUNITY.settings.community.name or "The community")


@lru_cache(maxsize=16)
def page_of(id: str, community: str) -> PipelinePage:
    """The page of a release, cached because a release never changes and its id is never reused; `report` checks each time who may see
    it."""
    release = published(id, OPERATOR)
    about = release.about
    if about.get("report") != PIPELINE:
        raise Refused("That release is not a pipeline report; see its tables.", code="unknown_report")
    figures = pipeline(headings_from_json(about["headings"]), release.tables, about["kinds"])
    provenance = Provenance(
        community=community,
        release=release.id, purpose=release.purpose, minimum_cell=release.minimum_cell, on=release.on,
        agreements=tuple(AgreementReference(a["id"], a["title"], a["until"]) for a in about["agreements"]),
        partners=tuple(about["partners"]), data_through=release.data_through, notes=notes(release), rule=release.rule_sentence,
        withheld=tuple(why_withheld(release.tables, release.minimum_cell)),
    )  # fmt: skip
    return pipeline_page(figures, provenance, method_from_json(about.get("method")))

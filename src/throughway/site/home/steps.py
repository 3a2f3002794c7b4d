"""Steps of agreements and requests that wait for the reader, beside those that the papers themselves name."""

from collections.abc import Iterator

from django.urls import NoReverseMatch, reverse

from throughway.core.prose import counted
from throughway.site.home.context import HomeContext
from throughway.site.home.items import Wait
from throughway.site.open_steps.selectors import open_steps
from throughway.site.open_steps.waiting_times import WaitingStep, waiting

NAMED_ELSEWHERE = frozenset(
    {"cure", "sign", "activate", "resume", "renew", "answer further disclosures"}
)  # a home tells of these with what they ask
EACH = 3  # steps that are named one by one


def steps(around: HomeContext) -> Iterator[Wait]:
    found = [
        w
        for w in waiting(open_steps(around.today), around.today)
        if w.step.is_for(around.actor) and w.step.kind not in NAMED_ELSEWHERE
    ]
    titles = {s.document.id: s.document.title for s in around.all_standings}
    for one in found[:EACH]:
        yield _named(one, titles.get(one.step.agreement or "", ""))
    if rest := found[EACH:]:
        said = f"{counted(len(rest), 'more step')} of agreements and requests"
        yield Wait(said, "Each says whom it waits for and until when.", "See where things stand",
                   reverse("open_steps:open_steps"), "wait", "waits", 6)  # fmt: skip


def _named(one: WaitingStep, about: str) -> Wait:
    step, (kind, words) = one.step, one.tag
    rank = 0 if one.is_overdue else 2 if one.presses else 5
    title = f"{step.title}: {about}" if about else step.title
    return Wait(title, one.said, "Open it", _address(one), kind, words, rank)


def _address(one: WaitingStep) -> str:
    try:
        return reverse(one.step.href_name, args=one.step.href_args)
    except NoReverseMatch:
        return reverse("open_steps:open_steps")

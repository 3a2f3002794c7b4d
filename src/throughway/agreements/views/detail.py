"""One agreement: how it stands, what it says, what was done with it, what the reader may do; and its SQL."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import render

from throughway.agreements import permissions
from throughway.agreements.act_confirmations import BUTTONS, asking
from throughway.agreements.agreement_list import about, may_see
from throughway.agreements.available_acts import PREPARES, moves_on, text_of
from throughway.agreements.clause_rendering import passages
from throughway.agreements.community_grants import shortfall
from throughway.agreements.data_flows import directions, flows
from throughway.agreements.enums import PartyRole
from throughway.agreements.event_sentences import told
from throughway.agreements.finding_sentences import plainly
from throughway.agreements.flow_diagram import across, node_of, upright
from throughway.agreements.grant_sql import whole
from throughway.agreements.labels import KIND_WORDS, TIER_WORDS
from throughway.agreements.lifecycle import OPEN, OVER, Act, Standing, State, may
from throughway.agreements.people_summary import approvals, certificates, parties, signatures
from throughway.agreements.selectors import sql_of, wider
from throughway.agreements.status_summary import Deed, held_by, tag
from throughway.agreements.timeline import steps
from throughway.agreements.views.context import Seen, seen
from throughway.agreements.views.severity_tags import counted
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.permissions import SIGNERS


@screen()
def one_agreement(request: ActingRequest, id: str) -> HttpResponse:
    """The text in effect, or the newest where none is."""
    found = seen(request.actor, id)
    return _page(request, found, found.life.current)


@screen()
def later_text(request: ActingRequest, id: str) -> HttpResponse:
    """The text that is being prepared beside the one in effect."""
    found = seen(request.actor, id)
    if found.life.pending is None:
        raise Http404
    return _page(request, found, found.life.pending)


def _page(request: ActingRequest, around: Seen, found: Standing) -> HttpResponse:
    later, names, today = around.life.pending, around.names, around.today
    document, above = found.document, wider(found, today)
    review, blocking = (
        plainly(around.review_of(found), document.model_dump(mode="json"), names),
        around.blocks(found),
    )
    lacking = shortfall(found, above) if found.in_effect else ()
    drawn = directions(document, names)
    houses = frozenset(names.get(p, p) for p in document.parties_with(PartyRole.STEWARD))
    describe = node_of({facts.name: KIND_WORDS[facts.kind] for facts in around.register.values()}, houses)
    return render(
        request,
        "agreements/one.html",
        {
            "document": document,
            "version": found.version,
            "tier": TIER_WORDS[document.tier],
            "tag": tag(found, blocking, lacking, today),
            "about": about(document),
            "above": [s.document for s in above if may_see(request.actor, s.document, around.register)],
            "is_later": found is later,
            "later": _later(around) if later is not None and found is not later else None,
            "steps": steps(found, around.done, blocking, names),
            "parties": parties(found, names),
            "approvals": approvals(found, around.done, names),
            "signatures": signatures(found, around.done, names),
            "certificates": certificates(found, around.done, names),
            "why_held": _why_held(found, around.done),
            "held_by": held_by(found, blocking, lacking, names, today),
            "is_blocked": blocking > 0 and found.state in OPEN,
            "has_ended": found.state in OVER or found.state is State.EXPIRED,
            "may_add": permissions.can_add(request.actor),
            **_acts(around, found),
            "directions": drawn,
            "flows": flows(document, names),
            "wide": across(drawn, describe) if drawn else None,
            "narrow": upright(drawn, describe) if drawn else None,
            "passages": passages(document, names, review, sql_of(found, today)),
            "counted": counted(review),
            "history": told(around.done, found.version, names),
        },
    )


def _acts(around: Seen, found: Standing) -> dict[str, object]:
    """The one next step, and what else the reader may do with this text."""
    own = [act for act in around.open_to if text_of(act, around.life) is found]
    next_act = next((act for act in own if moves_on(act) and not _chosen_long_way(act, around)), None)
    asked = asking(next_act, found, around.actor.partner or "", around.names) if next_act else None
    return {
        "next": asked,
        "next_title": asked and asked.title[:1].lower() + asked.title[1:],
        "next_button": next_act and BUTTONS[next_act],
        "others": [(act.value, BUTTONS[act]) for act in own if act is not next_act],
        "may_leave": _may_leave(around, found),
    }


def _may_leave(around: Seen, found: Standing) -> bool:
    """Whether the reader may give notice; the page on which one does shows first what that does to others."""
    partner = around.actor.partner
    return (
        may(found.state, Act.LEAVE)
        and partner in found.document.partners
        and partner not in dict(found.leaving)
        and around.actor.role in SIGNERS
    )


def _chosen_long_way(act: Act, around: Seen) -> bool:
    """Whether submitting is a choice here, and not the next step of all."""
    return act is Act.SUBMIT and not around.setting.full


def _later(around: Seen) -> dict[str, object]:
    """How the later text stands, and whether it waits for the reader."""
    later = around.life.pending
    assert later is not None
    mine = next((act for act in around.open_to if act in PREPARES and moves_on(act)), None)
    held = held_by(later, around.blocking, (), around.names, around.today)
    return {
        "tag": tag(later, around.blocking, (), around.today),
        "held_by": held,
        "steps": steps(later, around.done, around.blocking, around.names),
        "waits_for_reader": mine is not None and not _chosen_long_way(mine, around),
    }


@screen()
def as_sql(request: ActingRequest, id: str) -> HttpResponse:
    around = seen(request.actor, id)
    found = around.life.current
    text = whole(found, sql_of(found, around.today))
    if request.GET.get("file"):
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{id}.sql"'
        return response
    context = {"document": found.document, "version": found.version, "sql": text}
    return render(request, "agreements/sql.html", context)


def _why_held(found: Standing, done: Sequence[Deed]) -> str:
    """What the partner that suspended it, or objected to it, last gave as its reason."""
    act = {State.SUSPENDED: Act.SUSPEND, State.NEGOTIATION: Act.OBJECT}.get(found.state)
    reasons = [d.why for d in done if d.act is act]
    return reasons[-1] if reasons else ""

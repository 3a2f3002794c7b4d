"""The list of all agreements, and the review of a draft."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.agreements import actions, permissions
from throughway.agreements.agreement_list import agreement_rows, count_blocking, group_by_stage, may_see
from throughway.agreements.document import read_document
from throughway.agreements.forms import DraftForm
from throughway.agreements.legal_review.findings import FORMAT, ReviewFinding, Severity
from throughway.agreements.selectors import (
    act_contexts,
    agreement_lifecycles,
    findings_of_open,
    reviewed,
    today,
)
from throughway.agreements.views.context import severity_tags
from throughway.core.refusals import Refused
from throughway.partners import Actor
from throughway.partners.page_access import ActingRequest, screen
from throughway.partners.selectors import partners


@screen()
def all_agreements(request: ActingRequest) -> HttpResponse:
    on, every = today(), agreement_lifecycles(today())
    found = agreement_rows(
        request.actor, [life.current for life in every], findings_of_open(on), partners(), on,
        later={life.current.document.id: life.pending for life in every if life.pending},
        settings=act_contexts(every, request.actor),
    )  # fmt: skip
    return render(
        request,
        "agreements/list.html",
        {
            "lines": found,
            "stages": group_by_stage(found),
            "in_effect": sum(line.in_effect for line in found),
            "waiting": [line for line in found if line.waits_for_reader],
            "may_add": permissions.can_add(request.actor),
        },
    )


@screen()
def review_draft(request: ActingRequest) -> HttpResponse:
    """Shows a draft's findings and cures; stores nothing unless its author adds it."""
    may_add = permissions.can_add(request.actor)
    form = DraftForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "may_add": may_add}
    if request.method == "POST" and form.is_valid():
        draft = str(form.cleaned_data["draft"])
        if "add" in request.POST:
            if not may_add:
                raise Http404
            added = actions.add(text=draft, by=request.actor)
            messages.success(request, f"Added: {added.document.title}. Its parties can read it now.")
            readable = may_see(request.actor, added.document, partners())
            return (
                redirect("agreements:one", id=added.document.id) if readable else redirect("agreements:list")
            )
        context |= _review_of(draft, request.actor)
        form = DraftForm(initial={"text": draft})
        context["form"] = form
    return render(request, "agreements/review.html", context)


def _review_of(draft: str, author: Actor) -> dict[str, object]:
    register = partners()
    try:
        found = reviewed(draft, sees=lambda document: may_see(author, document, register))
    except Refused as refused:
        found = [ReviewFinding("D1", Severity.BLOCKING, "", FORMAT, refused.message)]
    document, _ = read_document(draft)
    return {
        "draft": draft,
        "document": document,
        "unreadable": found[0].message if found and found[0].id == "D1" else "",
        "findings": found,
        "blocking": count_blocking(found),
        "counted": severity_tags(found),
    }

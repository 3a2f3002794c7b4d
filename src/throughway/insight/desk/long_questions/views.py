"""The page of one long question: how it goes, its answer, and the button that cancels it."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from throughway.core.refusals import Refused
from throughway.insight.desk.long_questions.actions import cancel, read
from throughway.insight.desk.long_questions.selectors import READY, long_question
from throughway.insight.desk.selectors import desk_purposes
from throughway.insight.desk.views import answered
from throughway.partners.actor import Role
from throughway.partners.page_access import AGAIN_LATER, ActingRequest, screen


@screen(Role.EVALUATOR, person=True)
def asked(request: ActingRequest, number: int) -> HttpResponse:
    """One long question of the reader. A form that is sent shows the answer, which is recorded each time, or cancels the question."""
    found = long_question(request.actor, number)
    if found is None:
        raise Http404
    if "cancel" in request.POST:
        cancel(found.row)
        messages.success(request, "The question is canceled, and nothing of it is kept.")
        return redirect("desk:ask")
    purposes = {each.purpose: each for each in desk_purposes(request.actor, date.today())}
    chosen = purposes.get(found.row.purpose)
    context: dict[str, object] = {"found": found, "chosen": chosen}
    status = 200
    if request.method == "POST" and found.state == READY:
        try:
            answer, held = read(row=found.row, by=request.actor)
        except Refused as refused:
            status = AGAIN_LATER.get(refused.code, 409)
            context |= {"found": long_question(request.actor, number), "refused": refused.message}
        else:
            context |= answered(request, answer, chosen, count=held.rows, width=held.width)
    return render(request, "insight/desk/long_question.html", context, status=status)

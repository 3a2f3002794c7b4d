"""In which days families opt out of the directory: each school year's window, opened, moved, closed."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render

from throughway.families import actions, request_text, selectors
from throughway.families.forms import CloseWindowForm, WindowForm
from throughway.families.views.common import done, officers
from throughway.partners.page_access import ActingRequest


@officers
def windows(request: ActingRequest) -> HttpResponse:
    today = date.today()
    closing = request.method == "POST" and request.POST.get("act") == "close"
    form = WindowForm(None if closing or request.method != "POST" else request.POST, today=today)
    close = CloseWindowForm(request.POST if closing else None)
    acted = None
    if close.is_valid():
        acted = done(close, lambda: actions.close_window(**close.cleaned_data, on=today, by=request.actor))
    elif form.is_valid():
        acted = done(form, lambda: actions.open_window(**form.cleaned_data, by=request.actor))
    if acted is not None:
        return redirect("families:windows")
    rows = [
        request_text.of_window(each, today)
        for each in reversed(selectors.windows(request.actor.partner or ""))
    ]
    return render(
        request, "families/windows.html", {"rows": rows, "open": next((r for r in rows if r.open), None), "form": form, "close": close},
        status=400 if form.errors or close.errors else 200,
    )  # fmt: skip

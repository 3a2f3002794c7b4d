"""In which days families opt out of the directory: each school year's window, opened, moved, closed."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render

from throughway.partners.screens import ActingRequest
from throughway.rights import actions, reading, telling
from throughway.rights.forms import CloseWindowForm, WindowForm
from throughway.rights.views.showing import done, officers


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
        return redirect("rights:windows")
    rows = [telling.of_window(each, today) for each in reversed(reading.windows(request.actor.partner or ""))]
    return render(
        request, "rights/windows.html", {"rows": rows, "open": next((r for r in rows if r.open), None), "form": form, "close": close},
        status=400 if form.errors or close.errors else 200,
    )  # fmt: skip

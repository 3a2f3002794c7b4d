"""Extracts in the browser: the list, and the form to make one."""

import tempfile
import zipfile
from datetime import date

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render

from throughway.agreements.selectors import agreement_statuses
from throughway.core.private_folder import private_folder
from throughway.extracts.actions import check_may_leave, extract
from throughway.extracts.forms import MakeForm
from throughway.extracts.selectors import extracts_of, open_licenses
from throughway.extracts.terms import ExtractTerms, terms_of
from throughway.gate.actions import enter
from throughway.gate.available_purposes import OpenPurpose
from throughway.partners.actor import Actor
from throughway.partners.page_access import ActingRequest, again, screen


@screen()
def listed(request: ActingRequest) -> HttpResponse:
    """The licenses under which the reader may make an extract, and the extracts that its partner has."""
    known = agreement_statuses(date.today())
    titles = {s.document.id: s.document.title for s in known}
    held = [
        (each, titles.get(each.agreement, each.agreement))
        for each in extracts_of(request.actor.partner or "")
    ]
    return render(
        request,
        "extracts/list.html",
        {"open": open_licenses(request.actor), "held": held, "today": date.today()},
    )


@screen()
def make(request: ActingRequest, agreement: str) -> HttpResponseBase:
    """The terms of one agreement's extract, and its files once the reader accepts them. 404 unless the agreement names the reader."""
    meant = [o for o in open_licenses(request.actor) if o.agreement == agreement]
    asked = request.POST.get("purpose") or request.GET.get("purpose") or (meant[0].purpose if meant else "")
    found = next((o for o in meant if o.purpose == asked), None)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _made(request, found)
    return _page(request, found, MakeForm(initial={"purpose": found.purpose}))


def _page(request: ActingRequest, found: OpenPurpose, form: MakeForm, status: int = 200) -> HttpResponse:
    return render(
        request,
        "extracts/make.html",
        {"found": found, "form": form, "terms": _terms(request.actor, found)},
        status=status,
    )


def _terms(actor: Actor, found: OpenPurpose) -> ExtractTerms:
    """The terms. Refused with every reason where no extract may be made or the reader may not enter today."""
    document = check_may_leave(agreement=found.agreement, by=actor).document
    access = enter(actor=actor, purpose=found.purpose, under=found.agreement)
    return terms_of(document, access.grants)


@again
def _made(request: ActingRequest, found: OpenPurpose) -> HttpResponseBase:
    form = MakeForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    with private_folder() as folder:
        made = extract(
            agreement=found.agreement, purpose=found.purpose, out=folder / "extract", by=request.actor
        )
        name = f"extract-{made.id}"
        packed = tempfile.TemporaryFile(prefix="throughway-")  # deleted once it is sent  # noqa: SIM115
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(made.folder.rglob("*")):
                if path.is_file():
                    archive.write(path, f"{name}/{path.relative_to(made.folder).as_posix()}")
    packed.seek(0)
    return FileResponse(packed, as_attachment=True, filename=f"{name}.zip", content_type="application/zip")

"""The registry of releases: which there are, each one's protected tables, and the same as files."""

from functools import lru_cache

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from throughway.disclosure.reading import Published, published, registered
from throughway.disclosure.sheet import by_rows, csv_text
from throughway.partners.reading import partner_names, partners
from throughway.partners.screens import ActingRequest, screen


@require_safe
@screen()
def releases(request: ActingRequest) -> HttpResponse:
    """Everything that was published, newest first."""
    names = partner_names()
    rows = [(release, names.get(release.partner, "")) for release in registered()]
    return render(request, "disclosure/releases.html", {"rows": rows})


@require_safe
@screen()
def one(request: ActingRequest, release: str) -> HttpResponse:
    """One release: what it rests on, and its tables."""
    found, tables = _told(release.strip().upper())
    by = partners().get(found.partner)
    context = {
        "release": found,
        "by": by.name if by else "",
        "tables": tables,
        "drawn_at": _drawn_at(found),
        "agreements": found.about.get("agreements") or [{"title": id} for id in found.agreements],
    }
    return render(request, "disclosure/release.html", context)


@lru_cache(maxsize=16)
def _told(id: str) -> tuple[Published, SafeString]:
    """A release with its tables as they are shown. It is never changed, so they are written once."""
    found = published(id)
    tables = [by_rows(table) for table in found.tables]
    return found, render_to_string("disclosure/tables.html", {"tables": tables})


@require_safe
@screen()
def csv_file(request: ActingRequest, release: str) -> HttpResponse:
    found = published(release)
    response = HttpResponse(csv_text(found.tables), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="release-{found.id}.csv"'
    return response


@require_safe
@screen()
def json_file(request: ActingRequest, release: str) -> HttpResponse:
    found = published(release)
    response = JsonResponse(
        {
            "id": found.id,
            "title": found.title,
            "at": found.at.isoformat(),
            "as_of": found.on.isoformat(),
            "minimum_cell": found.minimum_cell,
            "tables": [table.to_json() for table in found.tables],
        }
    )
    response["Content-Disposition"] = f'attachment; filename="release-{found.id}.json"'
    return response


def _drawn_at(found: Published) -> str:
    """The address of the page that draws the release; empty where none does."""
    page = found.about.get("page")
    if not isinstance(page, str):
        return ""
    try:
        return reverse(page, args=[found.id])
    except NoReverseMatch:
        return ""

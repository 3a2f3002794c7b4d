"""The page of the month, on screen and as one sheet of paper."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from throughway.paper import typeset
from throughway.partners.actor import Role
from throughway.partners.page_access import ActingRequest, screen
from throughway.site.monthly.month import blocks
from throughway.site.monthly.selectors import monthly_page


@screen(Role.LEADER, Role.PROGRAM_MANAGER)
@require_safe
def month(request: ActingRequest) -> HttpResponse:
    page = monthly_page(request.actor, date.today())
    sections = [(id, *part) for id, part in zip(("talk", "changed", "due"), page.parts, strict=True)]
    return render(request, "site/monthly/month.html", {"page": page, "sections": sections})


@screen(Role.LEADER, Role.PROGRAM_MANAGER)
@require_safe
def month_pdf(request: ActingRequest) -> HttpResponse:
    """The same as a PDF."""
    page = monthly_page(request.actor, date.today())
    paper = typeset(title=page.title, blocks=blocks(page), subject="The month", made_on=page.last)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="month-{page.last:%Y-%m}.pdf"'
    return response

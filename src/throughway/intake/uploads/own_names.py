"""The name that the sender's browser gave a file. It may be a student's, so the site stores none: the browser keeps it in a signed cookie
for the page of that upload alone."""

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.urls import reverse

from throughway.partners.page_access import ActingRequest

SECONDS = 6 * 3600


def remember(response: HttpResponse, request: ActingRequest, upload: str, name: str) -> HttpResponse:
    """The response, with the name for the page of the upload."""
    response.set_cookie(
        f"file-{upload}", signing.dumps(name, salt=_salt(request, upload)), max_age=SECONDS, path=reverse("intake:upload", args=[upload]),
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


def own_name(request: ActingRequest, upload: str) -> str:
    """The name that this person's browser keeps for the upload; empty where it keeps none."""
    try:
        return str(
            signing.loads(
                request.COOKIES.get(f"file-{upload}", ""), salt=_salt(request, upload), max_age=SECONDS
            )
        )
    except signing.BadSignature:
        return ""


def _salt(request: ActingRequest, upload: str) -> str:
    return f"throughway.intake.uploads {upload} {request.actor.email}"

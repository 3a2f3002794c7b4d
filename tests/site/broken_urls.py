"""The site's addresses, and some that break."""

import errno

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from throughway.site.urls import *  # noqa: F403
from throughway.site.urls import urlpatterns as real

SECRET = "Marisol Puente, born 2014-03-02"


def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError(SECRET)


def busy(request: HttpRequest) -> HttpResponse:
    raise OperationalError("database is locked: " + SECRET)


def full(request: HttpRequest) -> HttpResponse:
    raise OSError(errno.ENOSPC, SECRET)


@require_POST
def posts(request: HttpRequest) -> HttpResponse:
    return HttpResponse("posted")


urlpatterns = [
    path("breaks/", breaks),
    path("busy/", busy),
    path("full/", full),
    path("posts/", posts),
    *real,
]

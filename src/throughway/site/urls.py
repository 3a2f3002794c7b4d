"""Every address of the site, room by room."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from throughway.site import views

ROOMS = {
    "": "throughway.site.home",
    "agreements/": "throughway.agreements",
    "loads/": "throughway.intake",
    "persons/": "throughway.identity",
    "students/": "throughway.casework",
    "ledger/": "throughway.gate",
    "partners/": "throughway.partners",
    "releases/": "throughway.disclosure",
    "pipeline/": "throughway.insight",
}


def _has_screens(room: str) -> bool:
    return find_spec(room) is not None and find_spec(f"{room}.urls") is not None


urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", views.account, name="account"),
    path("account/", include("allauth.urls")),
    *(path(prefix, include(f"{room}.urls")) for prefix, room in ROOMS.items() if _has_screens(room)),
]
if not _has_screens(ROOMS[""]):
    urlpatterns.append(path("", views.home, name="home"))

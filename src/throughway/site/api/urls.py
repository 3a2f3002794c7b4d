"""Every address of the API: the root, the description, and the rooms' endpoints; any other is answered in JSON too."""

from django.urls import include, path

from throughway.partners.api_endpoints import nothing_here
from throughway.site.api import views

ROOMS = ("gate", "ledger", "agreements", "publication", "insight", "intake", "identity", "partners")

app_name = "api"
urlpatterns = [
    path("", views.root, name="root"),
    path("openapi.json", views.description, name="openapi"),
    *(path("", include(f"throughway.{room}.api")) for room in ROOMS),
    path("<path:rest>", nothing_here, name="nothing_here"),
]

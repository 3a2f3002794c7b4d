"""Addresses of the screens of families' rights."""

from django.urls import URLPattern, path

from throughway.families.views import amending, incidents, inspecting, limits, listing, windows

app_name = "families"
urlpatterns: list[URLPattern] = [
    path("", listing.requests, name="list"),
    path("inspect/new/", inspecting.new_inspection, name="new_inspection"),
    path("inspect/<str:code>/", inspecting.inspection, name="inspection"),
    path("amend/new/", amending.new_amendment, name="new_amendment"),
    path("amend/<str:code>/", amending.amendment, name="amendment"),
    path("correct/<str:code>/", amending.correction, name="correction"),
    path("limit/new/", limits.new_limit, name="new_limit"),
    path("limit/<str:code>/", limits.limit, name="limit"),
    path("windows/", windows.windows, name="windows"),
    path("incident/new/", incidents.new_incident, name="new_incident"),
    path("incident/<str:code>/", incidents.incident, name="incident"),
]

"""Addresses of the screens of families' rights."""

from django.urls import URLPattern, path

from throughway.families import views

app_name = "families"
urlpatterns: list[URLPattern] = [
    path("", views.requests, name="list"),
    path("inspect/new/", views.new_inspection, name="new_inspection"),
    path("inspect/<str:code>/", views.inspection, name="inspection"),
    path("amend/new/", views.new_amendment, name="new_amendment"),
    path("amend/<str:code>/", views.amendment, name="amendment"),
    path("correct/<str:code>/", views.correction, name="correction"),
    path("limit/new/", views.new_limit, name="new_limit"),
    path("limit/<str:code>/", views.limit, name="limit"),
    path("consents/", views.consents, name="consents"),
    path("consents/new/", views.new_consent, name="new_consent"),
    path("consents/<slug:id>/withdraw/", views.withdraw, name="withdraw_consent"),
    path("windows/", views.windows, name="windows"),
    path("incident/new/", views.new_incident, name="new_incident"),
    path("incident/<str:code>/", views.incident, name="incident"),
]

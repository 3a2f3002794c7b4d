"""Addresses of the screens of families' requests."""

from django.urls import URLPattern, path

from throughway.rights import views

app_name = "rights"
urlpatterns: list[URLPattern] = [
    path("", views.requests, name="list"),
    path("inspect/new/", views.new_inspection, name="new_inspection"),
    path("inspect/<str:code>/", views.inspection, name="inspection"),
    path("amend/new/", views.new_amendment, name="new_amendment"),
    path("amend/<str:code>/", views.amendment, name="amendment"),
    path("correct/<str:code>/", views.correction, name="correction"),
    path("incident/<str:code>/", views.incident, name="incident"),
]

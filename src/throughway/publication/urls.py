"""Addresses of the registry of releases."""

from django.urls import path

from throughway.publication import views

app_name = "publication"
urlpatterns = [
    path("", views.releases, name="releases"),
    path("verify_release.py", views.verifier, name="verifier"),
    path("outside/", views.outside, name="outside"),
    path("outside/add/", views.AddOutsideTable.as_view(), name="add_outside"),
    path("outside/<str:id>/remove/", views.RemoveOutsideTable.as_view(), name="remove_outside"),
    path("<str:release>/", views.one, name="release"),
    path("<str:release>/act/", views.act, name="act"),
    path("<str:release>/tables.csv", views.csv_file, name="csv"),
    path("<str:release>/tables.xlsx", views.xlsx_file, name="xlsx"),
    path("<str:release>/release.html", views.html_file, name="html"),
    path("<str:release>/release.pdf", views.pdf_file, name="pdf"),
    path("<str:release>/tables.json", views.json_file, name="json"),
]

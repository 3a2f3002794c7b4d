"""Addresses of studies."""

from django.urls import path

from throughway.evidence import views

app_name = "studies"
urlpatterns = [
    path("", views.listed, name="list"),
    path("new/", views.new, name="new"),
    path("finding/<str:release>/", views.one_finding, name="finding"),
    path("<str:id>/", views.one, name="study"),
    path("<str:id>/run/", views.run, name="run"),
    path("<str:id>/take-back/", views.retract, name="take_back"),
]

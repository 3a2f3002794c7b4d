"""Addresses of the reports."""

from django.urls import path

from throughway.insight.counts.views import preview
from throughway.insight.pipeline import views
from throughway.insight.pipeline.actions import REPORT

app_name = "insight"
urlpatterns = [
    path("", views.newest, name="pipeline"),
    path("new/", views.new, name="count"),
    path("preview/<int:number>/", preview, {"kind": REPORT}, name="preview"),
    path("<str:release>/", views.one, name="release"),
    path("<str:release>/slide/", views.slide, name="slide"),
    path("<str:release>/river.svg", views.picture_file, name="picture"),
]

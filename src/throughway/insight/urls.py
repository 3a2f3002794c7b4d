"""Addresses of the reports."""

from django.urls import path

from throughway.insight import views

app_name = "insight"
urlpatterns = [
    path("", views.newest, name="pipeline"),
    path("new/", views.new, name="new"),
    path("preview/<int:number>/", views.preview, name="preview"),
    path("<str:release>/", views.one, name="release"),
    path("<str:release>/slide/", views.slide, name="slide"),
    path("<str:release>/river.svg", views.picture_file, name="picture"),
]

"""Addresses of the commitments of service."""

from django.urls import path

from throughway.insight.commitments import views

app_name = "services"
urlpatterns = [
    path("", views.services, name="list"),
    path("count/", views.count, name="count"),
    path("preview/<int:number>/", views.preview, name="preview"),
    path("<str:release>/", views.one, name="release"),
]

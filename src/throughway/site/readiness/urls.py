"""The address of *Getting started*."""

from django.urls import path

from throughway.site.readiness import views

app_name = "readiness"
urlpatterns = [path("", views.start, name="start")]

"""Addresses of the screens of coordination."""

from django.urls import path

from throughway.site.open_steps import views

app_name = "open_steps"
urlpatterns = [
    path("", views.all_steps, name="open_steps"),
    path("remind/", views.remind, name="remind"),
]

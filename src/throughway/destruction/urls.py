"""Addresses of the screens of destruction."""

from django.urls import URLPattern

app_name = "destruction"
urlpatterns: list[URLPattern] = []

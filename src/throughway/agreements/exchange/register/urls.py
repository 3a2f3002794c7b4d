"""Addresses of the public register; they follow `register`."""

from django.urls import path

from throughway.agreements.exchange.register import views

app_name = "register"
urlpatterns = [
    path("/", views.all_listed, name="list"),
    path(".json", views.as_file, name="json"),
    path("/<slug:id>/", views.one_listed, name="one"),
]

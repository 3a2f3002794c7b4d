"""Addresses of the vocabulary."""

from django.urls import path

from throughway.site.vocabulary import views

app_name = "vocabulary"
urlpatterns = [path("", views.everything, name="list"), path("<str:name>/", views.one, name="one")]

"""Addresses of the screens of training."""

from django.urls import path

from throughway.training import views

app_name = "training"
urlpatterns = [
    path("", views.courses, name="list"),
    path("people/", views.Register.as_view(), name="people"),
    path("<str:id>/", views.course, name="course"),
]

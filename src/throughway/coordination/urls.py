"""Addresses of the screens of coordination."""

from django.urls import path

from throughway.coordination import views

app_name = "coordination"
urlpatterns = [path("", views.all_steps, name="open_steps")]

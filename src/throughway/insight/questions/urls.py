"""The address at which a community builds and publishes a figure of its own."""

from django.urls import path

from throughway.insight.questions import views

app_name = "questions"
urlpatterns = [path("", views.new, name="new"), path("first/", views.first, name="first")]

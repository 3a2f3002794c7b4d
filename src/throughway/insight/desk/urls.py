"""The addresses of the desk: ask, and one saved question."""

from django.urls import path

from throughway.insight.desk import views

app_name = "desk"
urlpatterns = [path("", views.ask, name="ask"), path("<int:number>/", views.saved, name="saved")]

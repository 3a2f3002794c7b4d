"""The addresses of the desk: ask, and one kept question."""

from django.urls import path

from throughway.insight.desk import views

app_name = "desk"
urlpatterns = [path("", views.ask, name="ask"), path("<int:number>/", views.kept, name="kept")]

"""Addresses of the screens of loads."""

from django.urls import path

from throughway.intake import views

app_name = "intake"
urlpatterns = [
    path("", views.all_loads, name="loads"),
    path("new/", views.new_upload, name="new"),
    path("landed/<slug:partner>/", views.register_landed_data, name="register_landed"),
    path("sent/<slug:id>/", views.one_upload, name="upload"),
    path("<slug:id>/", views.one_load, name="batch"),
    path("<slug:id>/set-aside.csv", views.set_aside_file, name="set_aside"),
]

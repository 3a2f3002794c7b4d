"""Addresses of the screens of loads."""

from django.urls import path

from throughway.intake import views
from throughway.intake.feeds import views as feeds
from throughway.intake.inspection import views as inspection

app_name = "intake"
urlpatterns = [
    path("", views.all_loads, name="loads"),
    path("new/", views.new_upload, name="new"),
    path("gaps/", views.gaps_and_overlaps, name="gaps"),
    path("feeds/", feeds.all_feeds, name="feeds"),
    path("look/", inspection.look_at_file, name="inspect"),
    path("look/crosswalk/", inspection.save_drafted, name="save_crosswalk"),
    path("landed/<slug:partner>/", views.register_landed_data, name="register_landed"),
    path("sent/<slug:id>/", views.one_upload, name="upload"),
    path("<slug:id>/", views.one_load, name="batch"),
    path("<slug:id>/set-aside.csv", views.set_aside_file, name="set_aside"),
]

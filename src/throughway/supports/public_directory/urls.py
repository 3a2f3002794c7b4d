"""URLs of the public directory, from the root: `directory.json` is not below `directory/`."""

from django.urls import path

from throughway.supports.public_directory import views

app_name = "directory"
urlpatterns = [
    path("directory/", views.all_listed, name="list"),
    path("directory.json", views.as_file, name="json"),
    path("directory/<uuid:key>/", views.one_listed, name="one"),
]

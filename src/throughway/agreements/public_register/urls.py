"""URLs of the public register, from the root: `register.json` is not below `register/`."""

from django.urls import path

from throughway.agreements.public_register import views

app_name = "register"
urlpatterns = [
    path("register/", views.all_listed, name="list"),
    path("register.json", views.as_file, name="json"),
    path("register/<slug:id>/", views.one_listed, name="one"),
]

from django.urls import path

from throughway.extracts import views

app_name = "extracts"
urlpatterns = [
    path("", views.listed, name="list"),
    path("<slug:agreement>/", views.make, name="make"),
]

"""URLs of the page of one's own tokens."""

from django.urls import path

from throughway.partners.tokens import views

app_name = "tokens"
urlpatterns = [
    path("", views.tokens, name="list"),
    path("<str:handle>/end/", views.end, name="end"),
]

"""URLs of the page of one's own tokens."""

from django.urls import path

from throughway.partners.tokens import views

app_name = "tokens"
urlpatterns = [
    path("", views.Tokens.as_view(), name="list"),
    path("<str:handle>/end/", views.EndToken.as_view(), name="end"),
]

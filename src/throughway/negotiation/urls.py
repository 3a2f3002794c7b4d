"""Addresses of the screens of negotiation."""

from django.urls import path

from throughway.negotiation import views

app_name = "negotiation"
urlpatterns = [
    path("<slug:id>/", views.one, name="one"),
    path("<slug:id>/propose/", views.propose, name="propose"),
    path("<slug:id>/proposals/<int:number>/", views.one_proposal, name="proposal"),
    path("<slug:id>/comment/", views.comment, name="comment"),
    path("<slug:id>/versions/", views.versions, name="versions"),
]

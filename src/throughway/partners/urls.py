"""Addresses of the register."""

from django.urls import path

from throughway.partners import views

app_name = "partners"
urlpatterns = [
    path("", views.all_partners, name="list"),
    path("new/", views.new_partner, name="new"),
    path("people/", views.people, name="people"),
    path("people/new/", views.new_person, name="new_person"),
    path("people/<int:number>/", views.person, name="person"),
    path("people/<int:number>/link/", views.invite, name="invite"),
    path("people/<int:number>/close/", views.close, name="close"),
    path("people/<int:number>/open/", views.reopen, name="reopen"),
    path("<slug:id>/", views.one_partner, name="one"),
]

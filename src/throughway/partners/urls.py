"""Addresses of the register."""

from django.urls import path

from throughway.partners import views
from throughway.partners.systems import views as systems

app_name = "partners"
urlpatterns = [
    path("", views.all_partners, name="list"),
    path("new/", views.new_partner, name="new"),
    path("people/", views.people, name="people"),
    path("people/new/", views.new_person, name="new_person"),
    path("people/<int:number>/", views.person, name="person"),
    path("people/<int:number>/link/", views.invite, name="invite"),
    path("people/<int:number>/agree/", views.agree, name="agree"),
    path("people/<int:number>/close/", views.close, name="close"),
    path("people/<int:number>/open/", views.reopen, name="reopen"),
    path("<slug:id>/", views.one_partner, name="one"),
    path("<slug:id>/systems/", systems.systems, name="systems"),
    path("<slug:id>/systems/new/", systems.new_system, name="new_system"),
    path("<slug:id>/systems/<int:number>/", systems.one_system, name="system"),
    path("<slug:id>/systems/<int:number>/retire/", systems.retire, name="retire_system"),
    path("<slug:id>/systems/<int:number>/use/", systems.restore, name="restore_system"),
]

"""Addresses of the screens of governance."""

from django.urls import path

from throughway.governance.views import bodies, membership, requests

app_name = "governance"
urlpatterns = [
    path("", bodies.overview, name="list"),
    path("bodies/new/", bodies.new_body, name="new_body"),
    path("bodies/<slug:id>/", bodies.body, name="body"),
    path("bodies/<slug:id>/seat/", bodies.new_seat, name="new_seat"),
    path("bodies/<slug:id>/seat/<int:number>/end/", bodies.end_seat, name="end_seat"),
    path("bodies/<slug:id>/meeting/", bodies.new_meeting, name="new_meeting"),
    path("bodies/<slug:id>/motion/", bodies.new_motion, name="new_motion"),
    path("meetings/<int:number>/", bodies.meeting, name="meeting"),
    path("motions/<int:number>/", bodies.motion, name="motion"),
    path("motions/<int:number>/vote/", bodies.vote, name="vote"),
    path("motions/<int:number>/close/", bodies.close, name="close"),
    path("decisions/", bodies.decisions, name="decisions"),
    path("decisions/<int:number>/", bodies.decision, name="decision"),
    path("requests/", requests.requests, name="requests"),
    path("requests/new/", requests.new_request, name="new_request"),
    path("requests/<int:number>/", requests.one_request, name="request"),
    path("requests/<int:number>/change/", requests.change_request, name="change_request"),
    path("join/", membership.joinable, name="joinable"),
    path("join/<slug:id>/", membership.join, name="join"),
    path("leave/<slug:id>/", membership.leave, name="leave"),
]

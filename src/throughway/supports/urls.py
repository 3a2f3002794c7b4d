"""Addresses of the directory for those who are signed in."""

from django.urls import path

from throughway.supports import views

app_name = "supports"
urlpatterns = [
    path("", views.directory, name="list"),
    path("new/", views.SupportPage.as_view(), name="new"),
    path("needs/", views.needs, name="needs"),
    path("send/", views.SendDirectory.as_view(), name="send"),
    path("take/", views.TakeFromRecords.as_view(), name="take"),
    path("<int:number>/", views.one_entry, name="entry"),
    path("<int:number>/change/", views.SupportPage.as_view(), name="change"),
    path("<int:number>/confirm/", views.ConfirmEntry.as_view(), name="confirm"),
    path("<int:number>/close/", views.CloseEntry.as_view(), name="close"),
    path("<int:number>/open/", views.ReopenEntry.as_view(), name="reopen"),
]

"""Addresses of the register."""

from django.urls import path

from throughway.partners import views
from throughway.partners.leaving import views as leaving
from throughway.partners.legal_status import views as legal_status
from throughway.partners.signatories import views as signatories
from throughway.partners.systems import views as systems

app_name = "partners"
urlpatterns = [
    path("", views.all_partners, name="list"),
    path("new/", views.NewPartner.as_view(), name="new"),
    path("people/first/", views.FirstPartners.as_view(), name="first"),
    path("people/", views.AccountList.as_view(), name="people"),
    path("people/new/", views.NewAccount.as_view(), name="new_person"),
    path("people/several/", views.NewAccounts.as_view(), name="several_people"),
    path("people/<int:number>/", views.AccountPage.as_view(), name="person"),
    path("people/<int:number>/link/", views.InviteHolder.as_view(), name="invite"),
    path("people/<int:number>/agree/", views.agree, name="agree"),
    path("people/<int:number>/close/", views.CloseAccount.as_view(), name="close"),
    path("people/<int:number>/last-day/", views.LastDay.as_view(), name="last_day"),
    path("people/<int:number>/leaves/", leaving.AgreeToLeaving.as_view(), name="agree_to_leaving"),
    path("people/<int:number>/open/", views.ReopenAccount.as_view(), name="reopen"),
    path("people/<int:number>/signs/", signatories.Agree.as_view(), name="agree_to_signatory"),
    path("people/<int:number>/signs/end/", signatories.End.as_view(), name="end_signatory"),
    path("statuses/<int:number>/", legal_status.AgreeToStatuses.as_view(), name="agree_to_statuses"),
    path("<slug:id>/", views.one_partner, name="one"),
    path("<slug:id>/signatories/", signatories.Signatories.as_view(), name="signatories"),
    path("<slug:id>/statuses/", legal_status.LegalStatuses.as_view(), name="statuses"),
    path("<slug:id>/systems/", systems.systems, name="systems"),
    path("<slug:id>/systems/new/", systems.SystemPage.as_view(), name="new_system"),
    path("<slug:id>/systems/<int:number>/", systems.SystemPage.as_view(), name="system"),
    path("<slug:id>/systems/<int:number>/retire/", systems.RetireSystem.as_view(), name="retire_system"),
    path("<slug:id>/systems/<int:number>/use/", systems.RestoreSystem.as_view(), name="restore_system"),
]

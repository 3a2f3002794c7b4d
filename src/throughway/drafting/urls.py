"""Addresses of the screens of drafting."""

from django.urls import path

from throughway.drafting.views import doing, listing, one, purposes, schedule, sections, starting

app_name = "drafting"
urlpatterns = [
    path("", listing.all_drafts, name="list"),
    path("new/", starting.new, name="new"),
    path("from/<slug:id>/", starting.from_agreement, name="from"),
    path("<int:number>/", one.one_draft, name="one"),
    path("<int:number>/do/<slug:act>/", doing.act_on, name="act"),
    path("<int:number>/schedule/", schedule.picker, name="schedule"),
    path("<int:number>/schedule/<int:position>/", schedule.one_line, name="line"),
    path("<int:number>/schedule/gaps/", schedule.asked_and_held, name="gaps"),
    path("<int:number>/purposes/", purposes.all_purposes, name="purposes"),
    path("<int:number>/purposes/<slug:which>/", purposes.one_purpose, name="purpose"),
    path("<int:number>/custody/<slug:which>/", purposes.one_custody, name="custody"),
    path("<int:number>/<slug:section>/", sections.one_section, name="section"),
]

"""Addresses of the screens of drafting."""

from django.urls import path

from throughway.negotiation.drafting.views import drafts, schedule, sections

app_name = "drafting"
urlpatterns = [
    path("", drafts.all_drafts, name="list"),
    path("new/", drafts.new, name="new"),
    path("from/<slug:id>/", drafts.from_agreement, name="from"),
    path("<int:number>/", drafts.one_draft, name="one"),
    path("<int:number>/do/<slug:act>/", drafts.act_on, name="act"),
    path("<int:number>/schedule/", schedule.picker, name="schedule"),
    path("<int:number>/schedule/<int:position>/", schedule.one_line, name="line"),
    path("<int:number>/schedule/gaps/", schedule.asked_and_held, name="gaps"),
    path("<int:number>/purposes/", sections.all_purposes, name="purposes"),
    path("<int:number>/purposes/<slug:which>/", sections.one_purpose, name="purpose"),
    path("<int:number>/custody/<slug:which>/", sections.one_custody, name="custody"),
    path("<int:number>/<slug:section>/", sections.one_section, name="section"),
]

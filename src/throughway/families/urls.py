"""Addresses of the screens of families' rights."""

from django.urls import URLPattern, path

from throughway.families import views
from throughway.families.answers import views as answer_views

app_name = "families"
urlpatterns: list[URLPattern] = [
    path("", views.requests, name="list"),
    path("inspect/new/", views.new_inspection, name="new_inspection"),
    path("inspect/<str:code>/", views.inspection, name="inspection"),
    path("amend/new/", views.new_amendment, name="new_amendment"),
    path("amend/<str:code>/", views.amendment, name="amendment"),
    path("correct/<str:code>/", views.correction, name="correction"),
    path("limits/", views.limits_register, name="limits"),
    path("limit/new/", views.new_limit, name="new_limit"),
    path("limit/<str:code>/", views.limit, name="limit"),
    path("consents/", answer_views.consents, name="consents"),
    path("consents/new/", answer_views.new_consent, name="new_consent"),
    path("consents/signed/", answer_views.signed_forms, name="signed_forms"),
    path("consents/signed/<slug:code>/", answer_views.signed_form, name="signed_form"),
    path("consents/signed/<slug:code>/paper/", answer_views.paper_file, name="signed_paper"),
    path("consents/form/<slug:code>/", answer_views.print_form, name="print_form"),
    path("consents/words/<slug:agreement>/<slug:language>/", answer_views.form_words, name="form_words"),
    path("answers/", answer_views.find_form, name="find_form"),
    path("answers/<int:person>/", answer_views.answer, name="answer"),
    path("answers/<int:person>/<slug:id>/take-back/", answer_views.take_back, name="take_back"),
    path("consents/<slug:id>/withdraw/", answer_views.withdraw, name="withdraw_consent"),
    path("windows/", views.windows, name="windows"),
    path("incident/new/", views.new_incident, name="new_incident"),
    path("incident/<str:code>/", views.incident, name="incident"),
]

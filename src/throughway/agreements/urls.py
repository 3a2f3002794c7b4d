"""Addresses of the screens of agreements."""

from django.urls import path

from throughway.agreements import views
from throughway.agreements.views import exports as exchange

app_name = "agreements"
urlpatterns = [
    path("", views.all_agreements, name="list"),
    path("review/", views.review_draft, name="review"),
    path("<slug:id>/", views.one_agreement, name="one"),
    path("<slug:id>/sql/", views.as_sql, name="sql"),
    path("<slug:id>/later/", views.later_text, name="later"),
    path("<slug:id>/side-by-side/", exchange.side_by_side, name="side_by_side"),
    path("<slug:id>/papers/", exchange.papers, name="papers"),
    path("<slug:id>/papers/<slug:form>/", exchange.paper, name="paper"),
    path("<slug:id>/sign/paper/", views.sign_on_paper, name="sign_on_paper"),
    path("<slug:id>/signed/<slug:sha256>/", views.signed_paper, name="signed_paper"),
    path("<slug:id>/<slug:act>/", views.act_on, name="act"),
]

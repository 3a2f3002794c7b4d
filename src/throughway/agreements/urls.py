"""Addresses of the screens of agreements."""

from django.urls import path

from throughway.agreements import views

app_name = "agreements"
urlpatterns = [
    path("", views.all_agreements, name="list"),
    path("review/", views.review_draft, name="review"),
    path("<slug:id>/", views.one_agreement, name="one"),
    path("<slug:id>/sql/", views.as_sql, name="sql"),
    path("<slug:id>/<slug:act>/", views.act_on, name="act"),
]

"""Addresses of the report of reach, and of what a change would reach."""

from django.urls import path

from throughway.insight.reach import views
from throughway.insight.reach.actions import REPORT
from throughway.insight.reports.urls import report_urls

app_name = "reach"
urlpatterns = [path("what-if/", views.ask, name="what_if"), *report_urls(REPORT)]

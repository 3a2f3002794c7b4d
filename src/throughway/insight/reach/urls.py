"""Addresses of the report of reach."""

from throughway.insight.reach.actions import REPORT
from throughway.insight.reports.urls import report_urls

app_name = "reach"
urlpatterns = report_urls(REPORT)

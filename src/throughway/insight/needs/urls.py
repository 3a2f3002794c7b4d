"""Addresses of the report on needs."""

from throughway.insight.needs.actions import REPORT
from throughway.insight.reports.urls import report_urls

app_name = "needs"
urlpatterns = report_urls(REPORT)

"""Addresses of the report on trends."""

from throughway.insight.reports.urls import report_urls
from throughway.insight.trends.actions import REPORT

app_name = "trends"
urlpatterns = report_urls(REPORT)

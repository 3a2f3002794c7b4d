"""Addresses of the report on overlaps."""

from throughway.insight.overlaps.actions import REPORT
from throughway.insight.reports.urls import report_urls

app_name = "overlaps"
urlpatterns = report_urls(REPORT)

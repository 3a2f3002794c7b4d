"""Addresses of the report."""

from throughway.insight.program_trends.actions import REPORT
from throughway.insight.reports.urls import report_urls

app_name = "program-trends"
urlpatterns = report_urls(REPORT)

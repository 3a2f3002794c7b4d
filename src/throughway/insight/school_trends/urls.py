"""Addresses of the report."""

from throughway.insight.reports.urls import report_urls
from throughway.insight.school_trends.actions import REPORT

app_name = "school-trends"
urlpatterns = report_urls(REPORT)

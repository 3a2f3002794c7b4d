"""Addresses of the report on experiences."""

from throughway.insight.experiences.actions import REPORT
from throughway.insight.reports.urls import report_urls

app_name = "experiences"
urlpatterns = report_urls(REPORT)

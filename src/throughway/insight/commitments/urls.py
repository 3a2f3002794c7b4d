"""Addresses of the commitments of service."""

from throughway.insight.commitments.actions import REPORT
from throughway.insight.commitments.views import services
from throughway.insight.reports.urls import report_urls

app_name = "services"
urlpatterns = report_urls(REPORT, services)

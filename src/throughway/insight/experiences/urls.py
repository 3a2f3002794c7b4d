"""Addresses of the report on experiences, and of reading comments."""

from django.urls import path

from throughway.insight.comments import views
from throughway.insight.experiences.actions import REPORT
from throughway.insight.reports.urls import report_urls

app_name = "experiences"
urlpatterns = [
    path("comments/", views.comments, name="comments"),
    path("comments/read/", views.read, name="read_comments"),
    path("comments/today/", views.person_today, name="person_today"),
    path("comments/themes/", views.edit_themes, name="themes"),
    *report_urls(REPORT),
]

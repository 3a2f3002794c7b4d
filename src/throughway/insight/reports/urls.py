"""Addresses of one kind of report."""

from django.urls import URLPattern, path

from throughway.insight.reports import views
from throughway.insight.reports.actions import ReportKind


def report_urls(kind: ReportKind) -> list[URLPattern]:
    return [
        path("", views.newest, {"kind": kind}, name="newest"),
        path("count/", views.count, {"kind": kind}, name="count"),
        path("preview/<int:number>/", views.preview, {"kind": kind}, name="preview"),
        path("<str:release>/", views.one, {"kind": kind}, name="release"),
    ]

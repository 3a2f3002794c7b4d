"""Addresses of one kind of report."""

from django.urls import URLPattern, path

from throughway.insight.counts.views import count, preview
from throughway.insight.reports import views
from throughway.insight.reports.actions import ReportKind


def report_urls(kind: ReportKind, show: views.Show = views.page_of_help) -> list[URLPattern]:
    """`show`: the page of the newest release, or of one."""
    return [
        path("", views.newest, {"kind": kind, "show": show}, name="newest"),
        path("count/", count, {"kind": kind}, name="count"),
        path("preview/<int:number>/", preview, {"kind": kind}, name="preview"),
        path("<str:release>/", views.one, {"kind": kind, "show": show}, name="release"),
    ]

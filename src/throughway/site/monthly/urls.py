"""Addresses of the page of the month."""

from django.urls import path

from throughway.site.monthly import views

app_name = "monthly"
urlpatterns = [
    path("", views.month, name="month"),
    path("month.pdf", views.month_pdf, name="pdf"),
]

"""Pages that belong to no room."""

from django.http import HttpResponse
from django.shortcuts import render

from throughway.partners.screens import ActingRequest, screen


@screen()
def home(request: ActingRequest) -> HttpResponse:
    return render(request, "site/empty_home.html")


@screen()
def account(request: ActingRequest) -> HttpResponse:
    return render(request, "site/account.html")

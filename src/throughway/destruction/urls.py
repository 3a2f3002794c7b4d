"""Addresses of the screens of destruction."""

from django.urls import URLPattern, path

from throughway.destruction import views
from throughway.destruction.undo_requests import views as undo_requests

app_name = "destruction"
urlpatterns: list[URLPattern] = [
    path("", views.all_destructions, name="list"),
    path("order/<str:kind>/<str:id>/", views.order, name="order"),
    path("load/<str:id>/", views.undo, name="undo"),
    path("load/asked/<int:number>/", undo_requests.AgreeToUndo.as_view(), name="agree_to_undo"),
    path("hold/<str:agreement>/", views.hold, name="hold"),
    path("hold/<str:code>/lift/", views.lift, name="lift"),
    path("<str:id>/", views.certificate, name="certificate"),
    path("<str:id>/certificate.<str:form>", views.certificate_file, name="file"),
    path("<str:id>/collect/", views.collect, name="collect"),
]

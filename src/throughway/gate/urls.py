from django.urls import path

from throughway.gate import views

app_name = "gate"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("head/", views.head, name="head"),
    path("student/", views.find, name="find"),
    path("student/<int:person>/", views.student, name="student"),
    path("<uuid:entry>/", views.entry, name="entry"),
]

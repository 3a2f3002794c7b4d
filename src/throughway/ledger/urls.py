from django.urls import path

from throughway.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("head/", views.head, name="head"),
    path("use/", views.use, name="use"),
    path("use/sheet.csv", views.use_sheet, name="use_sheet"),
    path("student/", views.find, name="find"),
    path("student/<int:person>/", views.student, name="student"),
    path("<uuid:entry>/", views.entry, name="entry"),
]

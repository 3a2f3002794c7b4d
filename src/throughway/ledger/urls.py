from django.urls import path

from throughway.ledger import views
from throughway.ledger.usage import views as use

app_name = "ledger"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("head/", views.head, name="head"),
    path("use/", use.use, name="use"),
    path("use/sheet.csv", use.sheet, name="use_sheet"),
    path("student/", views.find, name="find"),
    path("student/<int:person>/", views.student, name="student"),
    path("<uuid:entry>/", views.entry, name="entry"),
]

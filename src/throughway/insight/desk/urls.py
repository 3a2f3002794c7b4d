"""The addresses of the desk: ask, one saved question, and one that takes long."""

from django.urls import path

from throughway.insight.desk import views
from throughway.insight.desk.long_questions.views import asked

app_name = "desk"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("<int:number>/", views.saved, name="saved"),
    path("asked/<int:number>/", asked, name="asked"),
]

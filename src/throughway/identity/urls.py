from django.urls import path

from throughway.identity import views

app_name = "identity"
urlpatterns = [
    path("", views.persons, name="persons"),
    path("find/", views.find, name="find"),
    path("<int:person>/", views.person, name="person"),
]

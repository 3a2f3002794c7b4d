from django.urls import path

from throughway.casework import views

app_name = "casework"
urlpatterns = [
    path("", views.students, name="students"),
    path("<int:person>/", views.student, name="student"),
]

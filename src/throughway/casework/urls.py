from django.urls import path

from throughway.casework import caseloads, views

app_name = "casework"
urlpatterns = [
    path("", views.students, name="students"),
    path("<int:person>/", views.student, name="student"),
    path("caseloads/", caseloads.caseloads, name="caseloads"),
    path("caseloads/<int:number>/", caseloads.caseload, name="caseload"),
    path("caseloads/<int:number>/<int:record>/end/", caseloads.end, name="end"),
]

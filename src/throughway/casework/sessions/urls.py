from django.urls import path

from throughway.casework.program_entry import views as entering
from throughway.casework.sessions import views

app_name = "sessions"
urlpatterns = [
    path("", views.my_groups, name="list"),
    path("walk-ins/", views.walk_ins, name="walk_ins"),
    path("walk-ins/<slug:entry>/", views.walk_in, name="walk_in"),
    path("walk-ins/<slug:entry>/enter/", entering.from_walk_in, name="enter_walk_in"),
    path("entered/", entering.entered, name="entered"),
    path("of/<path:program>/on/<slug:day>/", views.earlier, name="earlier"),
    path("of/<path:program>/sign-out/", views.sign_out, name="sign_out"),
    path("of/<path:program>/walk-in/", views.note, name="note"),
    path("of/<path:program>/", views.roster, name="roster"),
]

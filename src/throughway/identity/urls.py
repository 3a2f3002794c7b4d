from django.urls import path

from throughway.identity.views import lookup, persons, quality, reviewing

app_name = "identity"
urlpatterns = [
    path("", persons.persons, name="persons"),
    path("find/", persons.find, name="find"),
    path("look-up/", lookup.look_up, name="look_up"),
    path("review/", reviewing.queue, name="review"),
    path("review/back/", reviewing.take_back, name="take_back"),
    path("review/<int:pair>/", reviewing.pair, name="pair"),
    path("quality/", quality.quality, name="quality"),
    path("<int:person>/", persons.person, name="person"),
    path("undo/<int:event>/", persons.undo, name="undo"),
]

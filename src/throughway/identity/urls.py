from django.urls import path

from throughway.identity.views import persons, review

app_name = "identity"
urlpatterns = [
    path("", persons.persons, name="persons"),
    path("link/", persons.start_linkage, name="link"),
    path("find/", persons.find, name="find"),
    path("look-up/", persons.look_up, name="look_up"),
    path("review/", review.queue, name="review"),
    path("review/back/", review.take_back, name="take_back"),
    path("review/<int:pair>/", review.pair, name="pair"),
    path("quality/", review.quality, name="quality"),
    path("<int:person>/", persons.person, name="person"),
    path("undo/<int:event>/", persons.undo, name="undo"),
]

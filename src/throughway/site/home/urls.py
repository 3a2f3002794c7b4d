from django.urls import path

from throughway.site.home import views

urlpatterns = [path("", views.home, name="home")]

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "throughway.site"
    label = "site"

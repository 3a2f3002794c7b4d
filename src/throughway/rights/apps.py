from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "throughway.rights"
    default_auto_field = "django.db.models.BigAutoField"

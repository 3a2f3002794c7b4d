from django.apps import AppConfig


class GateConfig(AppConfig):
    name = "throughway.gate"
    default_auto_field = "django.db.models.BigAutoField"

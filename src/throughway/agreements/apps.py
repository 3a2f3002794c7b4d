from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "throughway.agreements"
    default_auto_field = "django.db.models.BigAutoField"

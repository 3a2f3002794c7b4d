from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "throughway.store"
    default_auto_field = "django.db.models.BigAutoField"

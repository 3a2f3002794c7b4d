from django.apps import AppConfig


class OpenStepsConfig(AppConfig):
    name = "throughway.site.open_steps"
    label = "coordination"  # of the tables and migrations of communities made earlier

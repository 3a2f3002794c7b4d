"""Reminders that were sent, so that nobody is reminded twice of the same step."""

from django.db import models


class Reminder(models.Model):
    """One reminder to one person about one step at one stage."""

    email = models.CharField(max_length=254)
    step = models.CharField(max_length=600)
    stage = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email", "step", "stage"], name="told_once")]

    def __str__(self) -> str:
        return f"{self.stage} {self.at}"

"""Reminders that were sent, so that nobody is reminded twice of the same step; and those that somebody asked for with one press."""

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


class Nudge(models.Model):
    """That somebody asked a partner to take a step that is late: once a day at most, whoever asks."""

    step = models.CharField(max_length=600)
    partner = models.CharField(max_length=200)  # that it waits for
    day = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)
    by_partner = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "day"], name="nudged_once_a_day")]

    def __str__(self) -> str:
        return f"{self.partner} {self.day}"

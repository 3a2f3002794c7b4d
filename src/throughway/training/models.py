"""Who completed which course on which day: written once, never changed."""

from django.db import models


class Completion(models.Model):
    email = models.CharField(max_length=254)
    course = models.CharField(max_length=100)
    on = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email", "course", "on"], name="one_completion_of_a_course_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.course} {self.on}"

"""Who completed which course on which day, and how they answered here: written once, never changed."""

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


class Attempt(models.Model):
    """Answers to the questions of a course, taken on the site: the evidence of a completion, or of a failure. `version`: the SHA-256
    of the text that was read. `wrong`: the numbers of the questions answered wrongly, from 1, with commas."""

    email = models.CharField(max_length=254)
    course = models.CharField(max_length=100)
    language = models.CharField(max_length=2)
    version = models.CharField(max_length=64)
    right = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    wrong = models.CharField(max_length=400, blank=True)
    passed = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["email", "course"], name="attempt_by_person")]

    def __str__(self) -> str:
        return f"{self.email} {self.course} {self.right}/{self.of}"

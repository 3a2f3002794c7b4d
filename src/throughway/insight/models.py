"""The questions in SQL that people save. Reports are releases (`publication`)."""

from django.db import models


class SavedQuestion(models.Model):
    """A question in SQL that an evaluator saves to ask again. Its text singles out no student (`desk.saved_text`), and no answer is
    saved. `shared`: the other evaluators of the same partner see it too."""

    title = models.CharField(max_length=150)
    sql = models.TextField()
    purpose = models.CharField(max_length=100)
    partner = models.CharField(max_length=100, db_index=True)
    by = models.CharField(max_length=254)
    shared = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title

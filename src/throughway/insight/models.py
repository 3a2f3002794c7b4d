"""The questions in SQL that people save or that take long, and what people who read comments of surveys say of them. Reports are releases (`publication`)."""

from django.db import models


class SavedQuestion(models.Model):
    """A question in SQL that an evaluator saves to ask again. Title and text are plain words that single out no
    student (`desk.saved_text`), and no answer is saved. `shared`: the other evaluators of the same partner see it too."""

    title = models.CharField(max_length=150)
    sql = models.TextField()
    purpose = models.CharField(max_length=100)
    partner = models.CharField(max_length=100, db_index=True)
    by = models.CharField(max_length=254)
    shared = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class LongQuestion(models.Model):
    """A question of the desk that takes longer than its page waits, and its answer, for who asked alone, until it ends.

    `sql`, `answer`: sealed under the data key `key` that `agreement` houses; the answer is empty until it is counted, and released when it
    is read. `agreements`: under which it was asked. `gone`: why both were destroyed before; whether it waits says `partners.AskedWork`."""

    by = models.CharField(max_length=254, db_index=True)
    partner = models.CharField(max_length=100)
    purpose = models.CharField(max_length=100)
    agreement = models.CharField(max_length=100)
    agreements = models.JSONField()
    key = models.CharField(max_length=32)
    sql = models.BinaryField()
    answer = models.BinaryField(default=b"")
    gone = models.TextField(default="")
    asked_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"of {self.by}, {self.asked_at:%Y-%m-%d %H:%M}"


class CommentTheme(models.Model):
    """A theme of the community's own, by which comments are coded."""

    name = models.CharField(max_length=60, unique=True)
    by = models.CharField(max_length=254)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class CommentCoding(models.Model):
    """What a person who read a student's comment says it is about; without themes: read, and none fits. Never a word of it.

    `partner` and `record`: whose record it is; `agreement`: under which it was read. With either it is deleted."""

    agreement = models.CharField(max_length=100, db_index=True)
    partner = models.CharField(max_length=100)
    record = models.BigIntegerField()
    survey = models.TextField()
    question = models.TextField()
    day = models.DateField()
    themes = models.ManyToManyField(CommentTheme)
    by = models.CharField(max_length=254)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "record", "survey", "question", "day"], name="one_coding_of_a_comment"
            )
        ]

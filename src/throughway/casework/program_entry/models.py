"""Which stays in programs were entered on the site. Names, days and numbers are in the store, as the program's own records."""

from django.db import models


class ProgramEntry(models.Model):
    """One stay that was entered here. `origin`: the referral or the walk-in that it came from, each entered once; `record`: the number of
    the program's own record; `row_key`: of the row in `program_participation`; `batch`: the load that brought it."""

    origin = models.CharField(max_length=50, unique=True)
    partner = models.CharField(max_length=100)
    record = models.BigIntegerField()
    program = models.CharField(max_length=200)
    row_key = models.CharField(max_length=32)
    since = models.DateField()
    received = models.DateField(null=True)
    until = models.DateField(null=True)
    is_new = models.BooleanField()
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="program_entry_ends_after_it_begins",
            )
        ]
        indexes = [models.Index(fields=["partner", "program"], name="entries_of_program")]

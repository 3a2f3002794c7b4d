import django.db.models.deletion
from django.db import migrations, models

from throughway.evidence.triggers import STUDIES

LEDGER = "gate"  # the label of the ledger's tables


def read_before(apps, schema_editor):
    """A study of an earlier version may have been run without a finding, and no row says whether the run read outcomes. It counts as one that
    did if the ledger holds a report under its purpose since it was registered."""
    study, reading, entry = (
        apps.get_model(*name)
        for name in (("evidence", "RegisteredStudy"), ("evidence", "StudyReading"), (LEDGER, "LedgerEntry"))
    )
    for row in study.objects.filter(findings=None):
        first = (
            entry.objects.filter(outcome="released", purpose=row.purpose, at__gte=row.at, way__contains="report")
            .order_by("at")
            .first()
        )
        if first is not None:
            reading.objects.create(study=row, at=first.at, by=first.actor_email)


def append_only(apps, schema_editor):
    STUDIES.put(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0005_smallest_and_decision"), ("gate", "0006_codes_of_purposes")]

    operations = [
        migrations.CreateModel(
            "StudyReading",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=254)),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="evidence.registeredstudy"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            "StudyTakenBack",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=254)),
                ("partner", models.CharField(max_length=100)),
                (
                    "study",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taken_back", to="evidence.registeredstudy"
                    ),
                ),
            ],
        ),
        migrations.RunPython(read_before, migrations.RunPython.noop),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]

from django.db import migrations, models

from throughway.evidence.triggers import STUDIES


def append_only(apps, schema_editor):
    STUDIES.put(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0006_taken_back")]

    operations = [
        migrations.RunPython(lambda apps, editor: STUDIES.drop(editor.connection), migrations.RunPython.noop),
        migrations.AddField("registeredstudy", "again", models.PositiveIntegerField(default=0)),
        migrations.AlterField("registeredstudy", "sha256", models.CharField(max_length=64)),
        migrations.AddConstraint(
            "registeredstudy", models.UniqueConstraint(fields=("sha256", "again"), name="evidence_text_once")
        ),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]

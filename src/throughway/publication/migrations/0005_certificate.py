from django.db import migrations, models

from throughway.publication.triggers import RELEASES


def append_only(apps, schema_editor):
    RELEASES.put(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0004_members")]

    operations = [
        migrations.AddField(model_name="release", name="certificate", field=models.JSONField(default=dict)),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]

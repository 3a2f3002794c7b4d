from django.db import migrations, models

from throughway.publication.triggers import RELEASES


def append_only(apps, schema_editor):
    RELEASES.put(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0005_certificate")]

    operations = [
        migrations.AddField(
            model_name="release", name="two_people", field=models.BooleanField(default=False)
        ),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]

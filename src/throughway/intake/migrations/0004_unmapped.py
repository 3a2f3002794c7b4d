"""Which of a load's refused columns nothing maps."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_names_of_files")]

    operations = [
        migrations.AddField(model_name="intakebatch", name="unmapped", field=models.JSONField(null=True)),
    ]

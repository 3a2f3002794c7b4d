from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0001_initial")]

    operations = [
        migrations.AddField(model_name="release", name="about", field=models.JSONField(default=dict)),
    ]

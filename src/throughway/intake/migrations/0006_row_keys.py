"""What told a load's rows of one student apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_feeds")]

    operations = [migrations.AddField("intakebatch", "row_keys", models.JSONField(default=dict))]

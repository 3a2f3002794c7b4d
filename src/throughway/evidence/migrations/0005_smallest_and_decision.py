from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0004_asked_work")]

    operations = [
        migrations.AddField("registeredstudy", "smallest", models.JSONField(null=True)),
        migrations.AddField("registeredstudy", "decision", models.BigIntegerField(null=True)),
    ]

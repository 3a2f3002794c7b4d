"""What was expected of a load, how it differed, and which days it changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_unmapped")]

    operations = [
        migrations.AddField("intakebatch", "feed", models.CharField(blank=True, default="", max_length=200)),
        migrations.AddField("intakebatch", "findings", models.JSONField(default=list)),
        migrations.AddField("intakebatch", "accepted", models.TextField(blank=True, default="")),
        migrations.AddField("intakebatch", "withdrawn", models.JSONField(default=dict)),
        migrations.AddField("intakebatch", "days", models.JSONField(default=dict)),
        migrations.AddField("upload", "right", models.TextField(blank=True, default="")),
    ]

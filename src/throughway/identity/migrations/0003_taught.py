from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_review")]

    operations = [
        migrations.AddField("identityrun", "taught", models.CharField(default="", max_length=200)),
    ]

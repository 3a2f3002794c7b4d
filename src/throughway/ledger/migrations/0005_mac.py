from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("gate", "0004_way_and_question"),
    ]

    operations = [
        migrations.AddField(
            model_name="ledgerentry",
            name="mac",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]

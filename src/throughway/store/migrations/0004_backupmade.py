from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0003_storedfile_text_of"),
    ]

    operations = [
        migrations.CreateModel(
            name="BackupMade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=254)),
                ("problems", models.PositiveIntegerField()),
            ],
        ),
    ]

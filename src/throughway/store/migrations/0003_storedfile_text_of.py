from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_storeversion_database"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedfile",
            name="text_of",
            field=models.CharField(db_index=True, default="", max_length=32),
        ),
    ]

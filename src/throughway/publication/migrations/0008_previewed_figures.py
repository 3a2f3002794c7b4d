from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0007_outside_tables")]

    operations = [
        migrations.CreateModel(
            name="PreviewedFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("agreements", models.JSONField(default=list)),
                ("disclosers", models.JSONField(default=list)),
                ("packed", models.BinaryField()),
            ],
            options={"ordering": ["id"]},
        )
    ]

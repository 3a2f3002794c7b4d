import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_systems")]

    operations = [
        migrations.CreateModel(
            name="BarEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("finding", models.TextField()),
                ("found_on", models.DateField()),
                ("until", models.DateField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=254)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bars",
                        to="partners.partner",
                    ),
                ),
                (
                    "ends",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ended_by",
                        to="partners.barevent",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="barred_from",
                        to="partners.partner",
                    ),
                ),
            ],
        )
    ]

from django.db import migrations, models

from throughway.agreements.triggers import AGREEMENTS


def put(apps, schema_editor):
    AGREEMENTS.put(schema_editor.connection)


def drop(apps, schema_editor):
    AGREEMENTS.drop(schema_editor.connection)


ACTS = [
    "add", "submit", "offer", "agree", "approve", "object", "sign", "activate", "suspend", "resume", "amend", "renew",
    "join", "leave", "abstain", "terminate", "wind_down", "certify", "destroy", "close", "begin", "expire",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="agreementversion", name="one_text_of_a_version"),
        migrations.AddField(
            model_name="agreementevent", name="details", field=models.JSONField(default=dict)
        ),
        migrations.AlterField(
            model_name="agreementevent",
            name="what",
            field=models.CharField(max_length=20, choices=[(act, act) for act in ACTS]),
        ),
        migrations.RunPython(put, drop),
    ]

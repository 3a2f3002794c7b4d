from django.db import migrations, models

from throughway.agreements.states import AgreementAct


def into_the_history(apps, schema_editor):
    """Each decision as an event of its agreement, and each that somebody took back as another. One that ended otherwise (in effect, or another
    text came) says so, and is not open again should its text return."""
    event = apps.get_model("agreements", "AgreementEvent").objects
    users = {user.email: user for user in apps.get_model("partners", "User").objects.all()}

    def record(row, what, by, at, details):
        user = users.get(by)
        event.create(
            agreement=row.agreement, version=row.version, what=what, by=by, at=at, day=at.date(), details=details,
            partner=row.partner if what == "decide" else user and user.partner_id, role=user.role if user else "",
        )  # fmt: skip

    for row in apps.get_model("agreements", "DecidedActivation").objects.order_by("id"):
        lapsed = row.closed_at and not row.closed_by
        record(row, "decide", row.by, row.at, {"lapsed": row.closed_at.date().isoformat()} if lapsed else {})
        if row.closed_by:
            record(row, "take_back", row.closed_by, row.closed_at, {})


class Migration(migrations.Migration):
    dependencies = [("agreements", "0004_decided_activation"), ("partners", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="agreementevent",
            name="what",
            field=models.CharField(max_length=20, choices=[(a.value, a.value) for a in AgreementAct]),
        ),
        migrations.RunPython(into_the_history, migrations.RunPython.noop),
        migrations.DeleteModel(name="DecidedActivation"),
    ]

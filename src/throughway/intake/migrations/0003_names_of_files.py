from django.db import migrations


def keep_no_name(apps, schema_editor):
    """Loads and uploads of before lose the names of files and headings that are no known words (`kept_names.py`)."""
    # Here, for every command reads the migrations.
    from throughway.intake.safe_names import KeptNames, file_name

    batch, upload = apps.get_model("intake", "IntakeBatch"), apps.get_model("intake", "Upload")
    for number, id in enumerate(batch.objects.order_by("at", "id").values_list("id", flat=True), start=1):
        found, kept = batch.objects.get(id=id), KeptNames()
        source = file_name(found.source, f"load {number}")
        batch.objects.filter(id=id).update(
            source=source,
            refused_columns=[kept.heading(name) for name in found.refused_columns],
            refusal=found.refusal.replace(found.source, source) if found.source else found.refusal,
        )
    for number, id in enumerate(upload.objects.order_by("at", "id").values_list("id", flat=True), start=1):
        found = upload.objects.get(id=id)
        if found.state in ("waiting", "loading"):  # its file is still called so
            continue
        name = file_name(found.name, f"upload {number}")
        refusal = found.refusal.replace(found.name, name) if found.name else found.refusal
        upload.objects.filter(id=id).update(name=name, refusal=refusal)


class Migration(migrations.Migration):

    dependencies = [
        ("intake", "0002_uploads"),
    ]

    operations = [
        migrations.RunPython(keep_no_name, migrations.RunPython.noop),
    ]

from django.db import migrations, models

TABLES = ("gate_ledgerentry", "gate_ledgerleaf", "gate_ledgersieve")


def no_index_by_pattern(apps, schema_editor):
    """Ids are looked up whole. The second index that each has on PostgreSQL serves LIKE alone, and every append would pay for it."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = ANY(%s) "
            "AND indexdef LIKE '%%varchar_pattern_ops%%'",
            [list(TABLES)],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')


class Migration(migrations.Migration):

    dependencies = [
        ("gate", "0003_found_and_passed_on"),
    ]

    operations = [
        migrations.AddField(
            model_name="ledgerentry",
            name="way",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="question",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.RunPython(no_index_by_pattern, migrations.RunPython.noop),
    ]

from datetime import date

from django.db import migrations


def rewrite(apps, schema_editor):
    """What was saved before days on which a student could be born, and telephone numbers, were refused: 0 stands in place of each."""
    from throughway.insight.desk.personal_numbers import without_personal_numbers

    for row in apps.get_model("insight", "SavedQuestion").objects.all():
        title, sql = (without_personal_numbers(text, date.today()) for text in (row.title, row.sql))
        if (title, sql) != (row.title, row.sql):
            row.title, row.sql = title, sql
            row.save(update_fields=["title", "sql"])


class Migration(migrations.Migration):

    dependencies = [
        ('insight', '0005_saved_questions_in_plain_words'),
    ]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop, elidable=False)]

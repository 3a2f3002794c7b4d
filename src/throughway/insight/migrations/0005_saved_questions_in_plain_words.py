from django.db import migrations


def rewrite(apps, schema_editor):
    """What was saved before titles and texts had to be plain words: `word` stands in place of every other word, also in comments."""
    from throughway.insight.desk.plain_words import masked, words_of  # parses SQL, which no small command needs

    partners = apps.get_model("partners", "Partner").objects.values_list("pk", "name")
    names = words_of([text for partner in partners for text in partner])
    for row in apps.get_model("insight", "SavedQuestion").objects.all():
        title, sql = masked(row.title, names, title=True)[:150], masked(row.sql, names, title=False)
        if (title, sql) != (row.title, row.sql):
            row.title, row.sql = title, sql
            row.save(update_fields=["title", "sql"])


class Migration(migrations.Migration):

    dependencies = [
        ('insight', '0004_survey_comments'),
        ('partners', '0011_asked_work'),
    ]

    operations = [migrations.RunPython(rewrite, migrations.RunPython.noop, elidable=False)]

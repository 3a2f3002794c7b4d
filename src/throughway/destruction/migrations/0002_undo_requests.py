from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from throughway.destruction.triggers import UNDO_REQUESTS


def append_only(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    UNDO_REQUESTS.put(editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('destruction', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='UndoRequestEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('asked', 'asked'), ('declined', 'declined')], max_length=20)),
                ('load', models.CharField(max_length=200)),
                ('partner', models.CharField(max_length=100)),
                ('loads', models.JSONField(default=list)),
                ('rows', models.JSONField(default=dict)),
                ('reason', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=254)),
                ('settles', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='settled_by', to='destruction.undorequestevent')),
            ],
        ),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from throughway.destruction.triggers import HOLDS


def append_only(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    HOLDS.put(editor.connection)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Destruction',
            fields=[
                ('id', models.CharField(max_length=12, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=10)),
                ('subject', models.CharField(max_length=200)),
                ('why', models.TextField(blank=True)),
                ('asked_by', models.TextField(blank=True)),
                ('by', models.CharField(max_length=254)),
                ('partner', models.CharField(max_length=100)),
                ('role', models.CharField(max_length=30)),
                ('at', models.DateTimeField()),
                ('step', models.CharField(max_length=10)),
                ('work', models.JSONField(default=dict)),
                ('finished_at', models.DateTimeField(null=True)),
                ('certificate', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'subject'], name='destruction_of_subject')],
            },
        ),
        migrations.CreateModel(
            name='HoldEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12)),
                ('what', models.CharField(max_length=5)),
                ('kind', models.CharField(max_length=10)),
                ('subject', models.CharField(max_length=200)),
                ('notice', models.CharField(max_length=200)),
                ('why', models.TextField()),
                ('by', models.CharField(max_length=254)),
                ('partner', models.CharField(max_length=100)),
                ('role', models.CharField(max_length=30)),
                ('at', models.DateTimeField()),
                ('day', models.DateField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('code', 'what'), name='a_hold_is_added_and_lifted_once')],
            },
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('partner', models.CharField(max_length=100)),
                ('file', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('entries', models.PositiveIntegerField()),
                ('until', models.DateField()),
                ('collected_at', models.DateTimeField(null=True)),
                ('collected_by', models.CharField(blank=True, max_length=254)),
                ('destruction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hand_overs', to='destruction.destruction')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('destruction', 'partner'), name='one_hand_over_for_each_discloser')],
            },
        ),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]

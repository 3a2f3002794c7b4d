import django.db.models.deletion
from django.db import migrations, models

from throughway.negotiation.drafting.triggers import DRAFTS


def put(apps, schema_editor):
    DRAFTS.put(schema_editor.connection)


def drop(apps, schema_editor):
    DRAFTS.drop(schema_editor.connection)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DraftRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('partner', models.CharField(max_length=100)),
                ('values', models.JSONField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(default='open', max_length=20)),
                ('template', models.CharField(blank=True, max_length=100)),
                ('amends', models.CharField(blank=True, max_length=100)),
                ('base', models.CharField(blank=True, max_length=64)),
                ('shared', models.BooleanField(default=False)),
                ('begun_by', models.CharField(max_length=254)),
                ('begun_at', models.DateTimeField()),
                ('changed_by', models.CharField(max_length=254)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['partner', 'state'], name='drafts_of_partner'), models.Index(fields=['shared', 'state'], name='shared_drafts')],
            },
        ),
        migrations.CreateModel(
            name='DraftEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('what', models.CharField(max_length=20)),
                ('section', models.CharField(blank=True, max_length=20)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('by', models.CharField(max_length=254)),
                ('at', models.DateTimeField()),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='drafting.draftrow')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('draft', 'revision'), name='one_deed_of_a_draft_at_a_revision')],
            },
        ),
        migrations.RunPython(put, drop),
    ]

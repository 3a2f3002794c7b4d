import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0006_asked_work'),
    ]

    operations = [
        migrations.CreateModel(
            name='SampledNamePair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('one_partner', models.CharField(max_length=100)),
                ('other_partner', models.CharField(max_length=100)),
                ('verdict', models.CharField(default='', max_length=12)),
                ('at', models.DateTimeField()),
                ('pair', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='drawn_by_name', to='identity.reviewpair')),
            ],
        ),
    ]

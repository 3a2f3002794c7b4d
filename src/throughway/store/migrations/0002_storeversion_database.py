from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='storeversion',
            name='database',
            field=models.CharField(default='', max_length=32),
        ),
    ]

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0012_stuck_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='language',
            field=models.CharField(blank=True, choices=settings.LANGUAGES, db_default='', default='', help_text='Of the back office; empty: as the browser asks.', max_length=10),
        ),
    ]

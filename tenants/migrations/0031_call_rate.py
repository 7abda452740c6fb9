from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0030_user_language'),
    ]

    operations = [
        migrations.CreateModel(
            name='CallRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller', models.CharField(max_length=100, unique=True)),
                ('full_at', models.DateTimeField(db_default=Now())),
                ('asked_at', models.DateTimeField(db_default=Now())),
            ],
            options={
                'verbose_name': 'call rate',
            },
        ),
    ]

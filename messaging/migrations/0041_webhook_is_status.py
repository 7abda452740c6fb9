from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0040_approval_purpose'),
    ]

    operations = [
        migrations.AddField(
            model_name='webhookevent',
            name='is_status',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]

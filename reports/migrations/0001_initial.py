import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('messaging', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RollUp',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('message_id', models.BigIntegerField(default=0)),
                ('ran_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name_plural': 'roll-up',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_roll_up')],
            },
        ),
        migrations.CreateModel(
            name='AnswerTimes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('answerer', models.CharField(choices=[('assistant', 'Assistant'), ('people', 'People')], max_length=10)),
                ('up_to_seconds', models.PositiveIntegerField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'verbose_name_plural': 'answer times',
                'indexes': [models.Index(fields=['hour'], name='answer_times_hour')],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'hour', 'answerer', 'up_to_seconds'), name='one_bar_of_answer_times')],
            },
        ),
        migrations.CreateModel(
            name='HourlyFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField(help_text='Its beginning.')),
                ('received', models.PositiveIntegerField(default=0)),
                ('by_assistant', models.PositiveIntegerField(default=0)),
                ('by_people', models.PositiveIntegerField(default=0)),
                ('by_others', models.PositiveIntegerField(default=0)),
                ('last_received_at', models.DateTimeField(blank=True, null=True)),
                ('last_sent_at', models.DateTimeField(blank=True, null=True)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='messaging.channel')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'verbose_name_plural': 'hourly figures',
                'indexes': [models.Index(fields=['tenant', 'hour'], name='figures_tenant_hour'), models.Index(fields=['hour'], name='figures_hour')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'hour'), name='one_row_of_figures_per_hour')],
            },
        ),
    ]

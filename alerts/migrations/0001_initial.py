import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(editable=False, max_length=100)),
                ('kind', models.CharField(max_length=30)),
                ('key', models.CharField(editable=False, max_length=150)),
                ('text', models.CharField(max_length=500)),
                ('says', models.CharField(blank=True, db_default='', default='', editable=False, max_length=200)),
                ('facts', models.JSONField(blank=True, editable=False, null=True)),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('tells_its_end', models.BooleanField(default=True, editable=False)),
                ('tenant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['tenant', '-id'], name='alert_of_tenant')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('key',), name='one_open_alert_per_key')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('working', 'Working'), ('done', 'Done'), ('ignored', 'Ignored'), ('held', 'Held'), ('uncertain', 'Uncertain'), ('dead', 'Dead')], default='queued', max_length=10)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('token', models.UUIDField(blank=True, editable=False, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('crashes', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.CharField(blank=True, default='', max_length=500)),
                ('request_id', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('traceparent', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('event', models.CharField(max_length=10)),
                ('medium', models.CharField(choices=[('webhook', "Webhook (Slack's format)"), ('email', 'E-mail')], max_length=10)),
                ('address', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='alerts.alert')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state__in', ('queued', 'uncertain'))), fields=['due_at'], name='notice_due'), models.Index(condition=models.Q(('state', 'working')), fields=['lease_until'], name='notice_lease'), models.Index(condition=models.Q(('state__in', ('dead', 'held', 'uncertain'))), fields=['-due_at', '-id'], name='notice_stuck_due')],
                'constraints': [models.UniqueConstraint(fields=('alert', 'event', 'medium', 'address'), name='one_notice_per_event')],
            },
        ),
        migrations.CreateModel(
            name='WaitingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tell_after_minutes', models.PositiveIntegerField(blank=True, help_text='People are told when a customer has waited so long for a person; empty: never.', null=True, validators=[django.core.validators.MinValueValidator(1)])),
                ('emails', models.JSONField(blank=True, default=list, help_text='Whom to write to.')),
                ('webhook_url', models.CharField(blank=True, help_text="Where to post, in Slack's format; an address of the public internet.", max_length=500)),
                ('give_back_after_minutes', models.PositiveIntegerField(blank=True, help_text='Nobody came in so many minutes: the customer is told and the assistant goes on; empty: never.', null=True, validators=[django.core.validators.MinValueValidator(1)])),
                ('give_back_text', models.CharField(blank=True, help_text="What the customer is told; empty: a sentence in the tenant's language.", max_length=500)),
                ('tenant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='waiting_rule', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LastCheck',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('looked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name_plural': 'last check',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_last_check')],
            },
        ),
    ]

import django.db.models.deletion
import django.db.models.functions.datetime
import reminders.models
import tenants.models.core
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('messaging', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonalClock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('zone', models.CharField(default='UTC', max_length=50, validators=[tenants.models.core.known_timezone])),
                ('source', models.CharField(choices=[('guessed', 'Guessed from the number'), ('told', 'Told by the person'), ('set', 'Set by an operator or a program')], default='guessed', max_length=10)),
                ('feed_token', models.CharField(default=reminders.models.new_feed_token, editable=False, max_length=64, unique=True)),
                ('asked', models.JSONField(blank=True, default=dict, editable=False)),
                ('asked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('contact', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='clock', to='messaging.contact')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'verbose_name': 'time zone of a person',
                'verbose_name_plural': 'time zones of people',
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=1000)),
                ('first_on', models.DateField(verbose_name='first day')),
                ('at_time', models.TimeField(verbose_name='time')),
                ('fold', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('is_moment', models.BooleanField(default=False, editable=False)),
                ('zone', models.CharField(default='UTC', help_text="Empty in a new one: the contact's own. Like America/Sao_Paulo.", max_length=50, validators=[tenants.models.core.known_timezone], verbose_name='time zone')),
                ('rule', models.CharField(blank=True, help_text='Empty: once. Like FREQ=WEEKLY;BYDAY=TU (RFC 5545).', max_length=300, verbose_name='recurrence')),
                ('last_on', models.DateField(blank=True, null=True, verbose_name='last day')),
                ('quiet_from', models.TimeField(blank=True, help_text='In quiet hours it waits for their end.', null=True)),
                ('quiet_to', models.TimeField(blank=True, null=True)),
                ('way', models.CharField(choices=[('message', 'Message'), ('call', 'Call')], default='message', max_length=10)),
                ('miss_policy', models.CharField(choices=[('late', 'Send it late'), ('template', 'Send the template'), ('drop', 'Drop it and tell')], default='drop', max_length=10)),
                ('grace_minutes', models.PositiveIntegerField(default=60)),
                ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='active', max_length=10)),
                ('next_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('language', models.CharField(blank=True, editable=False, max_length=10)),
                ('created_by', models.CharField(blank=True, editable=False, max_length=100)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='messaging.contact')),
                ('conversation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.conversation', verbose_name='session')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'ordering': ['next_at', 'id'],
                'indexes': [models.Index(fields=['contact', 'state'], name='reminder_contact'), models.Index(fields=['tenant', 'next_at'], name='reminder_next'), models.Index(condition=models.Q(('state', 'active')), fields=['next_at'], name='reminder_plan'), models.Index(condition=models.Q(('state__in', ['done', 'cancelled'])), fields=['updated_at'], name='reminder_ended')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_to', None)), models.Q(('quiet_from__isnull', False), ('quiet_to__isnull', False)), _connector='OR'), name='reminder_quiet_hours_whole')],
            },
        ),
        migrations.CreateModel(
            name='Occurrence',
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
                ('occurs_at', models.DateTimeField()),
                ('wanted_at', models.DateTimeField()),
                ('has_slot', models.BooleanField(default=False, editable=False)),
                ('outcome', models.CharField(blank=True, choices=[('sent', 'Sent'), ('sent_late', 'Sent late'), ('missed', 'Missed'), ('opted_out', 'The contact opted out'), ('withdrawn', 'Changed, paused or cancelled before')], max_length=10)),
                ('answer', models.CharField(blank=True, choices=[('done', 'Done'), ('snoozed', 'Later'), ('moved', 'Moved'), ('stopped', 'Stop it')], max_length=10)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.message')),
                ('snoozed_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='snoozes', to='reminders.occurrence')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
                ('reminder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='occurrences', to='reminders.reminder')),
            ],
            options={
                'ordering': ['-occurs_at', '-id'],
                'indexes': [models.Index(fields=['tenant', '-occurs_at'], name='occurrence_calendar'), models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['ended_at'], name='occurrence_ended'), models.Index(condition=models.Q(('outcome', 'missed')), fields=['tenant', 'ended_at'], name='occurrence_missed'), models.Index(condition=models.Q(('state__in', ('queued', 'uncertain'))), fields=['due_at'], name='occurrence_due'), models.Index(condition=models.Q(('state', 'working')), fields=['lease_until'], name='occurrence_lease'), models.Index(condition=models.Q(('state__in', ('dead', 'held', 'uncertain'))), fields=['-due_at', '-id'], name='occurrence_stuck_due')],
                'constraints': [models.UniqueConstraint(fields=('reminder', 'occurs_at'), name='one_occurrence_per_due_time')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('notes', models.TextField(blank=True, max_length=5000)),
                ('list_name', models.CharField(blank=True, max_length=60, verbose_name='list')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('priority', models.PositiveSmallIntegerField(choices=[(1, 'Low'), (2, 'Normal'), (3, 'High')], default=2)),
                ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='open', max_length=10)),
                ('done_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created_by', models.CharField(blank=True, editable=False, max_length=100)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tasks', to='tenants.member')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='messaging.contact')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'ordering': ['due_at', '-priority', 'id'],
                'indexes': [models.Index(fields=['tenant', 'state', 'due_at'], name='task_list'), models.Index(condition=models.Q(('state__in', ['done', 'cancelled'])), fields=['updated_at'], name='task_ended')],
            },
        ),
    ]

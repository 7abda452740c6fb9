import common.crypto
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('messaging', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AssistantProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_enabled', models.BooleanField(default=True)),
                ('system_prompt', models.TextField(blank=True)),
                ('provider', models.CharField(blank=True, choices=[('offline', 'Offline (no key needed)'), ('anthropic', 'Anthropic'), ('openai', 'OpenAI'), ('azure', 'Azure OpenAI')], max_length=20)),
                ('model', models.CharField(blank=True, max_length=100)),
                ('cheaper_model', models.CharField(blank=True, help_text="Used when four fifths of the month's budget are spent.", max_length=100)),
                ('fallback', models.JSONField(blank=True, default=list, help_text='Providers to try next, such as ["openai"].')),
                ('api_key', common.crypto.EncryptedTextField(blank=True, default='', editable=False)),
                ('max_tokens', models.PositiveIntegerField(blank=True, null=True)),
                ('fallback_text', models.TextField(blank=True, help_text='Said when no model answers.')),
                ('monthly_budget_usd', models.DecimalField(blank=True, decimal_places=2, help_text='Empty: no limit.', max_digits=10, null=True)),
                ('watches_emergencies', models.BooleanField(db_default=True, default=True, help_text='A message that reads like an emergency goes to a person at once, whoever answers otherwise.')),
                ('burst_wait_seconds', models.FloatField(blank=True, null=True)),
                ('burst_fragment_seconds', models.FloatField(blank=True, null=True)),
                ('tenant', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='assistant', to='tenants.tenant')),
            ],
        ),
        migrations.CreateModel(
            name='KnowledgeEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(help_text='The question or topic, as a customer would put it.', max_length=200)),
                ('keywords', models.CharField(blank=True, help_text='Other words for it, separated by blanks.', max_length=300)),
                ('content', models.TextField()),
                ('language', models.CharField(blank=True, help_text='Of this text, such as pt: conversations in it get this entry first. Empty: any.', max_length=10)),
                ('is_active', models.BooleanField(default=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'verbose_name_plural': 'knowledge entries',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'title'), name='one_entry_per_title')],
            },
        ),
        migrations.CreateModel(
            name='KnowledgeProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(help_text='The question or topic, as a customer would put it.', max_length=200)),
                ('keywords', models.CharField(blank=True, help_text='Other words for it, separated by blanks.', max_length=300)),
                ('content', models.TextField(max_length=4000)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('approved', 'Approved'), ('rejected', 'Rejected')], default='proposed', max_length=10)),
                ('proposed_by', models.CharField(max_length=100)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('decided_by', models.CharField(blank=True, max_length=100)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, help_text='Why it was rejected.', max_length=300)),
                ('entry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='assistant.knowledgeentry')),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='messaging.message')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'proposed')), fields=['tenant', '-id'], name='proposal_waiting')],
            },
        ),
        migrations.CreateModel(
            name='Spend',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.CharField(max_length=7)),
                ('spent_usd', models.DecimalField(decimal_places=6, default=0, max_digits=12)),
                ('reserved_usd', models.DecimalField(decimal_places=6, default=0, max_digits=12)),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant', 'month'), name='one_spend_per_month')],
            },
        ),
        migrations.CreateModel(
            name='Transcription',
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
                ('media', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='transcription', to='messaging.mediafile')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ('queued', 'uncertain'))), fields=['due_at'], name='transcription_due'), models.Index(condition=models.Q(('state', 'working')), fields=['lease_until'], name='transcription_lease'), models.Index(condition=models.Q(('state__in', ('dead', 'held', 'uncertain'))), fields=['-due_at', '-id'], name='transcription_stuck_due')],
            },
        ),
        migrations.CreateModel(
            name='Turn',
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
                ('is_suggestion', models.BooleanField(db_default=False, default=False, editable=False)),
                ('asked_by', models.CharField(blank=True, db_default='', default='', editable=False, max_length=100)),
                ('seen_id', models.BigIntegerField(blank=True, null=True)),
                ('first_at', models.DateTimeField(auto_now_add=True)),
                ('fence', models.PositiveIntegerField(default=0, editable=False)),
                ('reruns', models.PositiveSmallIntegerField(default=0)),
                ('draft', models.JSONField(blank=True, null=True)),
                ('draft_for', models.BigIntegerField(blank=True, null=True)),
                ('waits_for_voice', models.BooleanField(db_default=False, default=False, editable=False)),
                ('outcome', models.CharField(blank=True, max_length=20)),
                ('provider', models.CharField(blank=True, max_length=20)),
                ('model', models.CharField(blank=True, max_length=100)),
                ('input_tokens', models.PositiveIntegerField(default=0)),
                ('output_tokens', models.PositiveIntegerField(default=0)),
                ('cost_usd', models.DecimalField(decimal_places=6, default=0, max_digits=12)),
                ('milliseconds', models.PositiveIntegerField(default=0)),
                ('sources', models.JSONField(blank=True, default=list)),
                ('handed_at', models.DateTimeField(blank=True, null=True)),
                ('reserved_usd', models.DecimalField(decimal_places=6, default=0, editable=False, max_digits=12)),
                ('reserved_month', models.CharField(blank=True, editable=False, max_length=7)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='messaging.conversation')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
                ('wanted', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='messaging.message')),
            ],
            options={
                'indexes': [models.Index(fields=['first_at'], name='turn_first'), models.Index(condition=models.Q(('state__in', ('queued', 'uncertain'))), fields=['due_at'], name='turn_due'), models.Index(condition=models.Q(('state', 'working')), fields=['lease_until'], name='turn_lease'), models.Index(condition=models.Q(('state__in', ('dead', 'held', 'uncertain'))), fields=['-due_at', '-id'], name='turn_stuck_due'), models.Index(fields=['conversation', '-id'], name='turn_of_conversation')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_suggestion', False), ('state__in', ['queued', 'uncertain', 'working'])), fields=('conversation',), name='one_active_turn_per_conversation')],
            },
        ),
        migrations.CreateModel(
            name='Handoff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.CharField(max_length=40, unique=True)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('deadline_at', models.DateTimeField()),
                ('claimed_by', models.CharField(blank=True, choices=[('response', "The workflow's response"), ('callback', "The workflow's callback"), ('deadline', 'Nothing came in time'), ('failure', 'The call failed')], max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='messaging.message')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
                ('turn', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='handoffs', to='assistant.turn')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('turn', 'message'), name='one_handoff_per_message')],
            },
        ),
        migrations.CreateModel(
            name='TurnStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100)),
                ('kind', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=100)),
                ('result', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('turn', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='assistant.turn')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('turn', 'key'), name='one_step_per_key')],
            },
        ),
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='facts', to='messaging.contact')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='tenants.tenant')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('contact', 'text'), name='one_fact_per_text')],
            },
        ),
    ]

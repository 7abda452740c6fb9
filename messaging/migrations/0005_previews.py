"""What lists show of the conversations that were there before: their latest text, and since when somebody waits."""

from django.db import migrations
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Substr

BATCH = 1000
ANSWERS = ("assistant", "operator", "owner")


def fill(apps, schema_editor):
    conversations = apps.get_model("messaging", "Conversation").objects
    messages = apps.get_model("messaging", "Message").objects
    said = messages.filter(conversation=OuterRef("pk")).exclude(kind__in=("reaction", "system")).order_by("-pk")
    last = {"last_text": Subquery(said.annotate(cut=Substr("text", 1, 120)).values("cut")[:1])}
    last |= {"last_purpose": Subquery(said.values("purpose")[:1])}
    answered_later = messages.filter(conversation=OuterRef("conversation"), purpose__in=ANSWERS, pk__gt=OuterRef("pk"))
    waiting = messages.filter(conversation=OuterRef("pk"), direction="in", is_late=False)
    waiting = waiting.exclude(kind__in=("reaction", "system")).exclude(Exists(answered_later)).order_by("pk")
    last |= {"waiting_since": Subquery(waiting.values("sent_at")[:1])}
    start = 0
    while True:
        pks = list(conversations.filter(pk__gt=start).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not pks:
            return
        rows = conversations.filter(pk__in=pks, last_message_at__isnull=False)
        rows.update(**{name: Coalesce(value, F(name)) if name != "waiting_since" else value for name, value in last.items()})
        start = pks[-1]


class Migration(migrations.Migration):

    atomic = False  # each batch is its own transaction

    dependencies = [("messaging", "0004_search")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

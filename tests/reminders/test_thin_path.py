"""The main job: somebody asks, the time comes, the message goes out, the person says it is done."""

from __future__ import annotations

from messaging.models import Message
from reminders.models import Occurrence, Reminder


def test_a_reminder_asked_for_in_words_is_said_and_answered(clinic, say, come, wire, drain, sim):
    channel = wire(clinic, "meta")
    say("Me lembre amanhã às 15h de ligar para o João", to=channel)
    drain()
    reminder = Reminder.objects.get()
    confirmation = Message.objects.filter(direction="out").earliest("pk").text

    assert reminder.text == "ligar para o João"
    assert (reminder.at_time.isoformat(), reminder.zone) == ("15:00:00", "America/Sao_Paulo")
    assert "Vou lembrar você: ligar para o João" in confirmation
    assert "15:00 (horário de São Paulo)" in confirmation

    come(reminder)
    drain()
    said = Message.objects.filter(direction="out").latest("pk")
    assert (said.text, said.purpose, said.state) == ("⏰ ligar para o João", "reminder", "done")
    assert "ligar para o João" in str(sim.sends("meta")[-1])

    say("feito", to=channel)
    drain()
    occurrence = Occurrence.objects.get()
    assert (occurrence.outcome, occurrence.answer, occurrence.message_id) == ("sent", "done", said.pk)
    assert Message.objects.filter(direction="out").latest("pk").text == "Feito: ligar para o João"
    reminder.refresh_from_db()
    assert reminder.state == "done"

"""What only sounds like an order of a reminder: denied, cancelled, moved, or told of. In four languages."""

from __future__ import annotations

import pytest

from reminders.models import Reminder
from reminders.offline_rules import match_rule

NO_ORDER = [
    "don't remind me tomorrow at 9", "Please don’t remind me tomorrow at 9", "I don't need a reminder tomorrow at 9",
    "you don't have to remind me tomorrow at 9", "no need to remind me at 9", "do not set a reminder for 9",
    "I got your reminder, I will come tomorrow at 9", "thanks for the reminder, see you tomorrow at 9",
    "did you remind me at 9?", "you forgot to remind me at 9", "reminder received, I come tomorrow at 9",
    "I received a reminder for tomorrow at 9", "the reminder came at 9", "never remind me at 9 again",
    "não me lembra amanhã às 9", "não preciso de lembrete amanhã às 9", "não precisa me lembrar amanhã às 9",
    "recebi seu lembrete, vou amanhã às 9", "obrigado pelo lembrete, até amanhã às 9", "não quero um lembrete às 9",
    "lembrete recebido, vou amanhã às 9", "não me avise amanhã às 9",
    "no me recuerdes mañana a las 9", "no necesito un recordatorio mañana a las 9", "no me avises mañana a las 9",
    "recibí su recordatorio, iré mañana a las 9", "no quiero un recordatorio a las 9",
    "no hace falta recordarme a las 9",
    "nu-mi aminti mâine la 9", "nu îmi aminti mâine la 9", "nu vreau un memento mâine la 9",
    "nu e nevoie să-mi amintești mâine la 9", "am primit mementoul, vin mâine la 9", "am primit un memento la 9",
    "did you send me a reminder at 9?", "I have a reminder at 9 already", "nu am nevoie de un memento la 9",
    "não manda um lembrete às 9", "no me envíe un recordatorio a las 9",
]  # fmt: skip
ORDERS = [
    ("don't let me forget tomorrow at 9 to pay", "pay"), ("don't forget to remind me tomorrow at 9 to pay", ""),
    ("why don't you remind me tomorrow at 9 to pay", ""), ("I can't come. Remind me tomorrow at 9 to pay", ""),
    ("reminder: pay tomorrow at 9", "pay"), ("Hi, reminder tomorrow at 9 to pay", ""),
    ("I don't want to miss it, remind me tomorrow at 9 to pay", ""), ("cancel my visit and remind me at 9 to pay", ""),
    ("don't remind me today, remind me tomorrow at 9 to pay", "pay"),
    ("não me deixe esquecer de pagar amanhã às 9", "pagar"), ("lembrete: pagar amanhã às 9", "pagar"),
    ("não, me lembra amanhã às 9 de pagar", ""), ("um lembrete amanhã às 9 para pagar", ""),
    ("no olvides, recuérdame mañana a las 9 pagar", ""), ("¿no me puedes recordar mañana a las 9 pagar?", ""),
    ("un recordatorio mañana a las 9: pagar", ""), ("nu uita, amintește-mi mâine la 9 să plătesc", ""),
    ("memento mâine la 9: plătesc", ""), ("send me a reminder tomorrow at 9 to pay", "pay"),
    ("can I have a reminder at 9 to pay", "pay"), ("schedule a reminder for tomorrow at 9 to pay", "pay"),
    ("I would like a reminder for tomorrow at 9 to pay", "pay"), ("I'd like a reminder tomorrow at 9 to pay", "pay"),
    ("me manda um lembrete amanhã às 9 de pagar", "pagar"), ("agenda um lembrete para amanhã às 9 de pagar", "pagar"),
    ("pode criar um lembrete amanhã às 9 de pagar", "pagar"),
    ("envíame un recordatorio mañana a las 9 de pagar", "pagar"),
    ("trimite-mi un memento mâine la 9 să plătesc", "plătesc"), ("new reminder: pay tomorrow at 9", "pay"),
    ("am nevoie de un memento mâine la 9 să plătesc", "plătesc"),
]  # fmt: skip
CANCELS = [
    "delete the pills reminder at 9", "cancel the pills reminder", "please remove my pills reminder",
    "delete the reminder about the pills", "apaga o lembrete pills das 9", "remove o lembrete pills",
    "exclui o lembrete pills", "borra el recordatorio pills de las 9", "anula el recordatorio pills",
    "șterge mementoul pills de la 9", "anulează mementoul pills", "don't remind me to take the pills",
    "I want to cancel the pills reminder", "quero apagar o lembrete pills", "vreau să șterg mementoul pills",
    "quiero borrar el recordatorio pills", "stop the pills reminder",
    "não me lembra mais de take pills", "no me recuerdes pills", "nu-mi mai aminti de pills",
]  # fmt: skip
MOVES = [
    "move the pills reminder to 10am", "please change my pills reminder to 10am",
    "reschedule the pills reminder to 10am",
    "move the reminder pills to 10am", "muda o lembrete pills para 10h", "passa o lembrete pills para as 10h",
    "mueve el recordatorio pills a las 10", "cambia el recordatorio pills para las 10", "mută mementoul pills la 10",
    "schimbă mementoul pills la ora 10",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_ORDER)
def test_what_is_denied_or_only_told_makes_no_reminder(text):
    assert match_rule(text, "en") is None


@pytest.mark.parametrize(("text", "about"), ORDERS)
def test_an_order_beside_a_denial_is_still_one(text, about):
    name, arguments = match_rule(text, "en")

    assert name == "create_reminder"
    assert about in {"", arguments["text"]}


@pytest.mark.parametrize("text", CANCELS)
def test_the_reminder_that_is_named_is_cancelled_and_none_is_made(tell, remind, text):
    remind("take the pills", rule="FREQ=DAILY")
    remind("water the plants")
    tell(text)

    assert dict(Reminder.objects.values_list("text", "state")) == {
        "take the pills": "cancelled",
        "water the plants": "active",
    }


@pytest.mark.parametrize("text", MOVES)
def test_the_reminder_that_is_named_is_moved_and_none_is_made(tell, remind, text):
    remind("take the pills", rule="FREQ=DAILY")
    remind("water the plants")
    tell(text)

    assert Reminder.objects.count() == 2
    moved = Reminder.objects.get(text="take the pills")
    assert (f"{moved.at_time:%H:%M}", moved.rule) == ("10:00", "FREQ=DAILY")


@pytest.mark.parametrize("text", ["don't remind me to call Ana", "no me recuerdes llamar a Ana", "don't remind me"])
def test_what_names_no_reminder_of_theirs_ends_none(tell, remind, text):
    remind("call Bob")
    tell(text)

    assert Reminder.objects.get().state == "active"


def test_which_of_two_is_asked(tell, remind):
    for text in ("water", "call Ana", "call Bob"):
        remind(text)
    tell("don't remind me to call")
    tell("3")

    assert Reminder.objects.get(state="cancelled").text == "call Bob"


@pytest.mark.parametrize(
    "text", ["cancel reminder call Ana", "cancela o lembrete call Ana", "cancela el recordatorio call Ana"]
)
def test_one_whose_words_are_others_is_asked_about(tell, remind, text):
    remind("call Bob")
    tell(text)
    assert Reminder.objects.get().state == "active"

    tell("1")
    assert Reminder.objects.get().state == "cancelled"

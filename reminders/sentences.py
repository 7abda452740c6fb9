"""The sentences about reminders and tasks, by key; other languages stand in the catalogues."""

from __future__ import annotations

from common.text.marks import customer_text
from common.text.sentences import translate

SENTENCES: dict[str, str] = {
    "created": customer_text(
        "I will remind you: {text}\nWhen: {when}{often}.\nIf your time zone is another, just tell me your city."
    ),
    "due": customer_text("⏰ {text}"),
    "late": customer_text("⏰ {text}\n(Late: it was due {when}.)"),
    "done_button": customer_text("Done"),
    "later_button": customer_text("In 10 minutes"),
    "stop_button": customer_text("Stop it"),
    "done": customer_text("Done: {text}"),
    "snoozed": customer_text("I will remind you again {when}: {text}"),
    "moved": customer_text("Moved to {when}: {text}"),
    "stopped": customer_text("I will not remind you of this any more: {text}"),
    "nothing_open": customer_text("There is no reminder to answer."),
    "zone_set": customer_text("Your time zone is now {zone}."),
    "next": customer_text("Next: {when}: {text}"),
    "zone_same": customer_text("Your time zone is {zone}."),
    "changed": customer_text("Changed: {text}\nWhen: {when}{often}."),
    "cancelled": customer_text("Cancelled: {text}"),
    "list": customer_text("Your reminders:"),
    "none": customer_text("You have no reminders."),
    "paused": customer_text("paused"),
    "which": customer_text("Which one? Say its number or some of its words."),
    "not_found": customer_text("I find no such reminder."),
    "ask_when": customer_text("When should I remind you? For example: tomorrow at 9, or every Tuesday at 15:30."),
    "ask_text": customer_text("What should I remind you of?"),
    "ask_differs": customer_text("Did you mean {said}? Choose, or say the time once more, for example: tomorrow at 9."),
    "or": customer_text("or"),
    "yours": customer_text("{there}, which is {here}"),
    "ask_all": customer_text("Cancel all {n} reminders?\n{lines}"),
    "yes_all": customer_text("Yes, all of them"),
    "no_all": customer_text("No, keep them"),
    "all_cancelled": customer_text("All {n} reminders are cancelled."),
    "all_kept": customer_text("All right, nothing is changed."),
    "past": customer_text("That time is over. When should I remind you?"),
    "too_many": customer_text("You have too many reminders: cancel one first."),
    "task_made": customer_text("Noted: {text}{due}"),
    "task_due": customer_text(" (due {when})"),
    "tasks": customer_text("Your tasks:"),
    "no_tasks": customer_text("You have no open tasks."),
    "task_done": customer_text("Done: {text}"),
    "no_task": customer_text("I find no such task."),
    "opted_out": customer_text("You receive no automatic messages: write START first."),
    "not_possible": customer_text("That is not possible: {why}"),
    "ask_repeats": customer_text(
        "It repeats ({often}). How often from now on? For example: every Thursday at 9. To put off "
        "only the next time, answer when it comes."
    ),
    "is_cancelled": customer_text("This reminder was cancelled."),
    "due_already": customer_text("It is due at that time already."),
    "too_far": customer_text("That is more than ten years ahead."),
}


def sentence_for(key: str, language: str, /, **values: object) -> str:
    """Return a sentence in a language, with `values` in place of its {names}."""
    return translate(SENTENCES[key], language, **values)

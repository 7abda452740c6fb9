"""The assistant's tools for reminders and tasks. Times come from the person's own words by tested code.

The model's proposal is only compared with them: where the two differ, the person is asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assistant.toolbox import ToolContext, register_tool
from common.text.plain import fold
from messaging.queries import language_for
from reminders import services as reminders
from reminders.models import Reminder, ReminderState, Task, TaskPriority
from reminders.proposal_check import check_proposal, complete_change, fit_question, parse_times
from reminders.queries import choose_rows, database_now, is_sure, open_reminders, open_tasks, zone_of
from reminders.questions import AskPerson, ask_question, discard_settled, wanted_times
from reminders.sentences import sentence_for
from reminders.texts import BY, reminder_values, understood_text
from timewords.formatting import format_moment
from timewords.parser import TimeReading
from timewords.rules import to_utc

ALL = {
    "all", "all of them", "all reminders", "all my reminders", "everything", "every reminder", "todos",
    "todos eles", "tudo",
    "todos os lembretes", "todos os meus lembretes", "todos los recordatorios", "todos mis recordatorios", "todo",
    "toate", "toate mementourile", "toate mementourile mele", "tot",
}  # fmt: skip


@register_tool(
    description="Create a reminder for this customer, once or recurring. Their time zone is known here.",
    optional=("proposed_first", "proposed_rule"),
    text="What to remind of, in the customer's words, without the time.",
    when="The customer's own words about the time, copied exactly, such as 'every second Tuesday at 9'.",
    proposed_first="What you take them to mean: the first time on their wall clock, such as 2026-11-27T09:00.",
    proposed_rule="Your RRULE when it recurs, such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TU.",
)
def create_reminder(
    context: ToolContext, text: str, when: str, proposed_first: str = "", proposed_rule: str = ""
) -> str:
    """Create a reminder; the result says the time as it was understood, with its zone."""
    language = _language(context)
    if context.contact.opted_out_at is not None:
        return sentence_for("opted_out", language)
    zone, now = reminders.clock_of(contact=context.contact).zone, database_now()
    has_text = any(letter.isalnum() for letter in text)
    try:
        found = parse_times(context, when, zone, now, language)
        check_proposal(found, (proposed_first, proposed_rule), zone, now, language)
        times = wanted_times(found, zone, now)
        if not has_text:
            question = AskPerson(sentence_for("ask_text", language), asks="text")
            return ask_question(context, question, language=language, when=times)
        reminder = reminders.create_reminder(
            contact=context.contact, conversation=context.conversation, text=text, by=BY, language=language, when=times,
            or_same=True,
        )  # fmt: skip
    except AskPerson as question:
        return ask_question(context, question, language=language, text=text if has_text else "")
    except reminders.ReminderRefused as error:
        return sentence_for(error.phrase or "not_possible", language, why=error)
    discard_settled(context)
    shown = reminder_values(reminder, now, language, own_zone=zone)
    if found.zone and not found.rule:
        shown["when"] = understood_text(found, zone, now, language)
    return sentence_for("created", language, **shown)


@register_tool(description="List this customer's reminders with their numbers.", is_read_only=True)
def list_reminders(context: ToolContext) -> str:
    """List the reminders, with the numbers that the other tools use."""
    language, now = _language(context), database_now()
    rows = list(open_reminders(context.contact)[:50])
    if not rows:
        return sentence_for("none", language)
    lines = [f"{number}. {_line(row, now, language)}" for number, row in enumerate(rows, start=1)]
    return "\n".join([sentence_for("list", language), *lines])


@register_tool(
    description="Change the text or the time of one of this customer's reminders.",
    optional=("text", "when", "proposed_first", "proposed_rule"),
    which="Its number in the list, or words of it.",
    text="The new text, if it changes.",
    when="The customer's own words about the new time, copied exactly, if it changes.",
    proposed_first="What you take them to mean, such as 2026-11-27T09:00.",
    proposed_rule="Your RRULE when it recurs.",
)
def change_reminder(  # noqa: PLR0917 - a tool's arguments come by name
    context: ToolContext, which: str, text: str = "", when: str = "", proposed_first: str = "", proposed_rule: str = ""
) -> str:
    """Change a reminder; what the words leave out stays as it is."""
    language, now = _language(context), database_now()
    row = None
    try:
        row = _one(list(open_reminders(context.contact)), which, lambda one: one.text, language)
        changes: dict[str, Any] = {"text": text} if text else {}
        if when:
            found = _moved(context, when, row, now, language)
            check_proposal(found, (proposed_first, proposed_rule), row.zone, now, language)
            changes |= wanted_times(found, row.zone, now).fields()
        changed = reminders.change_reminder(reminder=row, by=BY, **changes)
    except AskPerson as question:
        return ask_question(context, question, language=language, text=text, reminder=row)
    except reminders.ReminderRefused as error:
        return sentence_for(error.phrase or "not_possible", language, why=error)
    discard_settled(context)
    return sentence_for("changed", language, **reminder_values(changed, now, language))


def _moved(context: ToolContext, words: str, row: Reminder, now: datetime, language: str) -> TimeReading:
    try:
        return complete_change(parse_times(context, words, row.zone, now, language), row, language)
    except AskPerson as question:
        raise fit_question(question, row, now, language) from None


@register_tool(
    description="Cancel one of this customer's reminders for good.",
    which="Its number in the list, words of it, or all.",
)
def cancel_reminder(context: ToolContext, which: str) -> str:
    """Cancel a reminder; all of them only after one more yes."""
    language = _language(context)
    rows = list(open_reminders(context.contact))
    try:
        if fold(which) in ALL and len(rows) > 1:
            raise ask_all(rows, language)
        row = rows[0] if fold(which) in ALL and rows else _one(rows, which, lambda one: one.text, language)
    except AskPerson as question:
        question.asks = question.asks or ("which" if question.rows else "")
        return ask_question(context, question, language=language)
    reminders.cancel_reminder(reminder=row, by=BY)
    discard_settled(context)
    return sentence_for("cancelled", language, text=row.text)


def ask_all(rows: list[Reminder], language: str) -> AskPerson:
    """Return the question whether all of these are cancelled."""
    lines = "\n".join(f"- {row.text}" for row in rows[:20])
    text = sentence_for("ask_all", language, n=len(rows), lines=lines)
    return AskPerson(text, asks="all", rows=tuple(row.pk for row in rows))


@register_tool(
    description="Note a task for this customer: something to be done, with or without a time.",
    optional=("when", "list_name", "priority"),
    title="What is to be done.",
    when="The customer's own words about when it is due, copied exactly, if any.",
    list_name="The list it belongs to, if the customer names one.",
    priority="low, normal or high.",
)
def create_task(context: ToolContext, title: str, when: str = "", list_name: str = "", priority: str = "") -> str:
    """Create a task."""
    language, now = _language(context), database_now()
    zone = reminders.clock_of(contact=context.contact).zone
    due_at = None
    try:
        if when:
            found = parse_times(context, when, zone, now, language)
            due_at = now + found.delay if found.delay is not None else to_utc(found.first, zone)
        row = reminders.create_task(
            tenant=context.tenant, contact=context.contact, title=title, by=BY, due_at=due_at, list_name=list_name[:60],
            priority={"low": TaskPriority.LOW, "high": TaskPriority.HIGH}.get(priority.lower(), TaskPriority.NORMAL),
        )  # fmt: skip
    except AskPerson as question:
        return str(question)
    except reminders.ReminderRefused as error:
        return sentence_for(error.phrase or "not_possible", language, why=error)
    due = (
        sentence_for("task_due", language, when=format_moment(due_at, zone, now=now, language=language))
        if due_at
        else ""
    )
    return sentence_for("task_made", language, text=row.title, due=due)


@register_tool(description="List this customer's open tasks with their numbers.", is_read_only=True)
def list_tasks(context: ToolContext) -> str:
    """List the tasks, with the numbers that the other tools use."""
    language, now = _language(context), database_now()
    zone = zone_of(context.contact)
    rows: list[Task] = list(open_tasks(context.contact)[:50])
    if not rows:
        return sentence_for("no_tasks", language)
    lines = [sentence_for("tasks", language)]
    for number, row in enumerate(rows, start=1):
        due = format_moment(row.due_at, zone, now=now, language=language) if row.due_at else ""
        lines.append(f"{number}. {row.title}{sentence_for('task_due', language, when=due) if due else ''}")
    return "\n".join(lines)


@register_tool(
    description="Mark one of this customer's tasks as done.", which="Its number in the list, or words of it."
)
def complete_task(context: ToolContext, which: str) -> str:
    """Mark a task as done."""
    language = _language(context)
    try:
        row = _one(list(open_tasks(context.contact)), which, lambda one: one.title, language, missing="no_task")
    except AskPerson as question:
        return str(question)
    reminders.complete_task(task=row, by=BY)
    return sentence_for("task_done", language, text=row.title)


def _one(rows: list[Any], which: str, text_of: Any, language: str, *, missing: str = "not_found") -> Any:
    found = choose_rows(rows, which, text_of) if rows else []
    if not found:
        raise AskPerson(sentence_for(missing, language))
    if len(found) > 1 or not is_sure(which, text_of(found[0])):
        # The numbers are those of the whole list, which every other entry point uses.
        numbers = tuple(rows.index(row) + 1 for row in found)
        lines = [f"{number}. {text_of(row)}" for number, row in zip(numbers[:20], found, strict=False)]
        text = "\n".join([sentence_for("which", language), *lines])
        raise AskPerson(text, rows=tuple(row.pk for row in found), numbers=numbers)
    return found[0]


def _line(reminder: Reminder, now: datetime, language: str) -> str:
    shown = reminder_values(reminder, now, language)
    state = f" ({sentence_for('paused', language)})" if reminder.state == ReminderState.PAUSED else ""
    return f"{shown['text']}: {shown['when']}{shown['often']}{state}"


def _language(context: ToolContext) -> str:
    return language_for(context.contact, context.tenant)

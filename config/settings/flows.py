"""Lists of dotted names by which lower apps call higher ones, in order, like MIDDLEWARE."""

INBOUND_HANDLERS = [
    "privacy.inbound.stop_words",
    "approvals.inbound.answers",
    "messaging.inbound.owner_commands",
    "reminders.inbound.handle_reminder_message",
    "assistant.inbound.reply",
]
CALL_HANDLERS: list[str] = []
ASSISTANT_TOOLS = [
    "assistant.tools.hand_over",
    "assistant.tools.remember",
    "assistant.tools.search_knowledge",
    "assistant.tools.stay_silent",
    "reminders.tools.create_reminder",
    "reminders.tools.list_reminders",
    "reminders.tools.change_reminder",
    "reminders.tools.cancel_reminder",
    "reminders.tools.create_task",
    "reminders.tools.list_tasks",
    "reminders.tools.complete_task",
]
# Rules of the assistant without a language model: (text, language) -> (tool, arguments).
OFFLINE_RULES = ["reminders.offline_rules.match_rule"]
REPLY_CHECKS = ["assistant.reply_checks.no_secrets", "assistant.reply_checks.known_links"]
# Called with a file after it is stored.
MEDIA_HANDLERS = ["assistant.media.request_transcript"]
# HEARD_HANDLERS get the transcript of a voice note like a written message. CHANGE_HANDLERS are called in this order
# when a customer has edited or deleted a message, because one that was answered may need another answer.
CHANGE_HANDLERS = ["assistant.inbound.handle_change"]
HEARD_HANDLERS = ["approvals.inbound.answers", "reminders.inbound.handle_reminder_message"]
HEALTH_CHECKS = [
    "config.health.database",
    "config.health.queue",
    "assistant.health.llm",
    "config.health.workers",
    "config.health.beat",
]
# Further checks of the command `doctor`; each returns common.finding.Finding.
DOCTOR_CHECKS = ["approvals.doctor.find_problems"]
# Each returns everything that is wrong now (alerts.conditions.AlertCondition).
ALERT_CHECKS = [
    "alerts.checks.processes",
    "alerts.checks.channels",
    "alerts.checks.dead_rows",
    "alerts.checks.budgets",
    "alerts.checks.keys",
    "alerts.checks.endpoints",
    "alerts.checks.customers",
    "reminders.alert_checks.missed_reminders",
]
# Additions to the page of a session: boxes, links under a message, a suggested answer.
DESK_EXTENSIONS = ["assistant.desk_extension.AssistantDeskExtension"]

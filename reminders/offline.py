"""What the assistant without a language model understands of reminders and tasks: the plain forms, by rules."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from common.text import cut, folded
from reminders.when.lexicon import LEXICON
from reminders.when.reading import Past, read
from reminders.when.span import Words

MAX_READ = 1000  # characters of a message; what goes on for longer is no order of these plain forms
REMIND = (
    r"(?:please |can you |could you )?(?:set (?:up )?a reminder|remind me|remember me|create a reminder|i need a reminder|make a reminder)"
    r"|(?:por favor )?(?:pode |voce pode )?(?:me lembr[ae]r?|lembr[ae]r? me|lembr[ae]-me|crie um lembrete|cria um lembrete|criar um lembrete|quero um lembrete|um lembrete)"
    r"|(?:por favor )?(?:puede |puedes )?(?:recuerdame|recuerdeme|recordarme|crea un recordatorio|cree un recordatorio|quiero un recordatorio|un recordatorio|avisame)"
    r"|(?:va rog )?(?:sa )?(?:amintest[ei]-mi|amintest[ei] mi|aminteste-mi|aminteste mi|amintiti-mi|amintiti mi|adu-mi aminte|adu mi aminte|aduceti-mi aminte|creeaza un memento)"
)  # fmt: skip
POLITE = re.compile(r"\s*\b(?:please|por favor|va rog|te rog)\b\s*")
LIST = re.compile(
    r"^(?:list|show|what are|which are|my|all)?(?: ?me)?(?: ?all)?(?: ?of)?(?: ?my)? ?reminders$|"
    r"^(?:quais|liste|listar|mostre|mostra|ver|quais sao)?(?: ?os)?(?: ?meus)? ?lembretes$|"
    r"^(?:cuales|lista|muestra|muestrame|ver|cuales son)?(?: ?los)?(?: ?mis)? ?recordatorios$|"
    r"^(?:care sunt |arata mi |arata |listeaza )?mementouri(?:le)?(?: ?mele)?$"
)
LIST_TASKS = re.compile(
    r"^(?:list|show|what are|my)?(?: ?me)?(?: ?my)? ?(?:open )?tasks$|^(?:quais|liste|mostre|ver|quais sao)?(?: ?as)?(?: ?minhas)? ?tarefas$|"
    r"^(?:cuales|lista|muestra|ver|cuales son)?(?: ?las)?(?: ?mis)? ?tareas$|^(?:care sunt |arata )?sarcini(?:le)?(?: ?mele)?$"
)
CANCEL = re.compile(
    r"^(?:please )?(?:cancel|delete|remove) (?:the |my )?reminder(?P<a>.*)$|"
    r"^(?:por favor )?(?:cancel[ae]r?|apag(?:ar|ue)|remov(?:a|er)) (?:o |meu |o meu )?lembrete(?P<b>.*)$|"
    r"^(?:por favor )?(?:cancel[ae]r?|borr(?:a|ar)|elimin(?:a|ar)) (?:el |mi )?recordatorio(?P<c>.*)$|"
    r"^(?:va rog )?(?:anuleaza|anulati|sterge|stergeti) mementoul(?P<d>.*)$"
)
TASK = re.compile(
    r"^(?:please )?(?:add|create|new)(?: a)? task:? (?P<a>.+)$|^(?:nova tarefa|(?:crie|criar|adicione) uma tarefa|anote a tarefa):? (?P<b>.+)$|"
    r"^(?:nueva tarea|(?:crea|anade|agrega) una tarea):? (?P<c>.+)$|^(?:sarcina noua|adauga o sarcina):? (?P<d>.+)$"
)
DONE_TASK = re.compile(
    r"^(?:task )(?P<a>.+?) (?:is )?done$|^(?:done with|complete|finish) task (?P<b>.+)$|^(?:tarefa )(?P<c>.+?) (?:feita|concluida)$|^concluir tarefa (?P<f>.+)$|"
    r"^(?:tarea )(?P<d>.+?) (?:hecha|terminada)$|^(?:sarcina )(?P<e>.+?) (?:gata|facuta|terminata)$"
)
CHANGE = re.compile(
    r"^(?:please )?(?:change|move) (?:the |my )?reminder (?P<a>\d+|.+?) to (?P<aw>.+)$|"
    r"^(?:por favor )?(?:mud(?:e|a|ar)|alter(?:e|ar)) (?:o |meu |o meu )?lembrete (?P<b>\d+|.+?) para (?P<bw>.+)$|"
    r"^(?:por favor )?(?:cambi(?:a|ar|e)|mueve) (?:el |mi )?recordatorio (?P<c>\d+|.+?) (?:a|para) (?P<cw>.+)$|"
    r"^(?:va rog )?(?:schimba|muta) mementoul (?P<d>\d+|.+?) (?:la|pe) (?P<dw>.+)$"
)
# Small words that join the time to the rest, at either end of what is left.
EDGES = re.compile(
    r"^(?:(?:to|that|about|of|for|at|on|i should|i need to|me|"
    r"de|que|para|pra|do|da|sobre|a|e|o|"
    r"del|la|el|"
    r"sa|ca|despre|mi|si)(?=\s)\s*|[:,.;-]\s*)+|(?:\s+(?:at|on|of|the|to|de|do|da|a|as|todas?|todos?|el|la|las|los|pe|in|si|e|y|and))+$|[\s,.;:-]+$"
)


def understand(text: str, language: str) -> tuple[str, dict[str, Any]] | None:
    """(tool, arguments) that a message asks for; None when it is about something else."""
    text = cut(text, MAX_READ)
    plain = POLITE.sub(" ", folded(text)).strip()
    if LIST.match(plain):
        return "list_reminders", {}
    if LIST_TASKS.match(plain):
        return "list_tasks", {}
    for pattern, name, key in ((CANCEL, "cancel_reminder", "which"), (DONE_TASK, "complete_task", "which")):
        if found := pattern.match(plain):
            return name, {key: _given(found).strip() or "?"}
    if found := CHANGE.match(plain):
        return _changed(text, found)
    if found := TASK.match(plain):
        return _task(text, _given(found), language)
    return _reminder(text, language)


def _given(found: re.Match[str]) -> str:
    return next((value for value in found.groupdict().values() if value is not None), "")


def _changed(text: str, found: re.Match[str]) -> tuple[str, dict[str, Any]] | None:
    which = next(value for name, value in found.groupdict().items() if value and not name.endswith("w"))
    # The words after the number, as they were written: signs such as 15:30 are lost in the folded text.
    words = text.split()
    folded_when = next(value for name, value in found.groupdict().items() if value and name.endswith("w"))
    for start in range(len(words)):
        if folded(" ".join(words[start:])) == folded_when:
            return "change_reminder", {"which": which, "when": " ".join(words[start:])}
    return None


def _task(text: str, title: str, language: str) -> tuple[str, dict[str, Any]]:
    original = text[len(text) - len(text.split(":", 1)[-1]) :].strip() if ":" in text else ""
    said = original or " ".join(text.split()[-len(title.split()) :])
    reading = _times(said, language)
    if reading is None:
        return "create_task", {"title": said}
    return "create_task", {"title": _trimmed(reading.rest) or said, "when": said}


def _reminder(text: str, language: str) -> tuple[str, dict[str, Any]] | None:
    for name in sorted(LEXICON, key=lambda one: one != language):
        words = Words(text[:500], name)
        if words.take(REMIND):
            break
    else:
        return None
    rest = words.rest()
    reading = _times(rest, language)
    about = _trimmed(reading.rest if reading is not None else rest)
    return "create_reminder", {"text": about or "-", "when": rest if reading is not None or rest else "-"}


def _times(text: str, language: str) -> Any:
    try:
        # Only what is left over counts here: which moment is meant is the tool's part, in the person's zone.
        return read(text, now=datetime(2000, 1, 1), language=language)  # noqa: DTZ001 - a wall clock
    except Past:
        return None


def _trimmed(text: str) -> str:
    before = None
    while text != before:
        before = text
        text = _cut(text).strip()
    return text


def _cut(text: str) -> str:
    # Accents are folded only to compare: what is kept is what was written.
    plain = Words(text, "en").text
    found = EDGES.search(plain)
    if found is None:
        return text
    return text[found.end() :] if found.start() == 0 else text[: found.start()]

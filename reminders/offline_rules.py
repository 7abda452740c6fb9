"""Reminders and tasks for the offline assistant: plain forms of sentences, by rules."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any

from common.text.plain import fold, truncate
from reminders.order_phrases import find_order
from timewords.parser import MAX_TEXT, PastTime, TimeReading, parse_time_words
from timewords.tokens import fold_letters

MAX_READ = 1000  # characters of a message; a longer one is no order of these plain forms
POLITE = re.compile(r" ?\b(?:please|por favor|va rog|te rog)\b ?")  # of a folded text, which has no double spaces
LIST = re.compile(
    r"^(?:(?:can|could) you |please )?(?:list|show|see|what are|which are|what|which|my|all|do i have any|what)?(?: ?me)?(?: ?all)?(?: ?of)?(?: ?(?:my|the))?"
    r" ?reminders(?: do i have| are there)?$|"
    r"^(?:pode )?(?:quais|liste|lista|listar|mostre|mostra|mostrar|ver|quais sao|me mostre|me mostra|tenho)?(?: ?(?:todos|quais))?(?: ?os)?(?: ?meus)? ?lembretes(?: eu)?(?: tenho)?$|"
    r"^(?:puedes )?(?:cuales|lista|listar|muestra|muestrame|mostrar|ver|cuales son|que|tengo)?(?: ?todos)?(?: ?los)?(?: ?mis)? ?recordatorios(?: tengo)?$|"
    r"^(?:care sunt |arata mi |arata |listeaza |lista |ce |vreau sa vad )*(?:lista )?memento ?uri(?:le|lor)?(?: ?mele)?(?: am)?$"
)
LIST_TASKS = re.compile(
    r"^(?:list|show|what are|my)?(?: ?me)?(?: ?my)? ?(?:open )?tasks$|^(?:quais|liste|mostre|ver|quais sao)?(?: ?as)?(?: ?minhas)? ?tarefas$|"
    r"^(?:cuales|lista|muestra|ver|cuales son)?(?: ?las)?(?: ?mis)? ?tareas$|^(?:care sunt |arata )?sarcini(?:le)?(?: ?mele)?$"
)
CANCEL = re.compile(
    r"^(?:(?:can|could) (?:you|i) |i (?:want|need) to |i (?:would|d) like to )?(?:cancel|delete|remove) (?:the |my |a )?reminder(?!s)(?P<a>.*)$|"
    r"^(?:(?:can|could) (?:you|i) |i (?:want|need) to |i (?:would|d) like to )?(?:cancel|delete|remove|stop) (?:the |my |that |this )?(?P<e>(?:(?!(?:and|me|i|you|a|to) )\w+ ){1,5})reminder(?: .*)?$|"
    r"^(?:pode |quero |preciso |queria |gostaria de )?(?:cancel[ae]r?|apag(?:ar?|ue)|remov(?:a|er?)|exclu(?:a|i|ir)|tir(?:a|ar|e)) (?:o |meu |o meu )?lembrete(?!s)(?P<b>.*)$|"
    r"^(?:puedes? |quiero |necesito |quisiera )?(?:cancel[ae]r?|borr(?:a|ar|e)|elimin(?:a|ar|e)|anul(?:a|ar|e)|quita) (?:el |mi )?recordatorio(?!s)(?P<c>.*)$|"
    r"^(?:poti sa |puteti sa |vreau sa |as vrea sa )?(?:anuleaza|anulez|anulezi|anulati|sterg|sterge|stergi|stergeti) memento(?: ?ul)?(?P<d>(?: .*)?)$"
)
CANCEL_ALL = re.compile(
    r"^(?:cancel|delete|remove|clear|stop) (?:all|every)(?: of)?(?: (?:the|my))? reminders?$|"
    r"^(?:cancel[ae]r?|apag(?:ar?|ue)|remov(?:a|er?)|exclu(?:a|ir)) (?:todos )?(?:os )?(?:meus )?lembretes$|"
    r"^(?:cancel[ae]r?|borr(?:a|ar|e)|elimin(?:a|ar|e)|quita) (?:todos )?(?:los )?(?:mis )?recordatorios$|"
    r"^(?:anuleaza|anulati|sterge|stergeti) (?:toate )?memento ?uri(?:le)?(?: mele)?$"
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
    r"^(?:(?:can|could) (?:you|i) |i (?:want|need) to |i (?:would|d) like to )?(?:change|move|reschedule|postpone) (?:the |my )?reminder(?: (?P<a>\d+|.+?))? (?:to|until) (?P<aw>.+)$|"
    r"^(?:(?:can|could) (?:you|i) |i (?:want|need) to |i (?:would|d) like to )?(?:change|move|reschedule|postpone) (?:the |my |that |this )?"
    r"(?P<e>(?:(?!(?:and|me|i|you|a|to) )\w+ ){1,5})reminder(?: .*?)? (?:to|until) (?P<ew>.+)$|"
    r"^(?:pode |quero |preciso |queria |gostaria de )?(?:mud(?:e|a|ar)|alter(?:a|e|ar)|mov(?:a|e|er)|troc(?:a|ar)|troque|pass(?:a|e|ar)|adi(?:a|e|ar)) "
    r"(?:o |meu |o meu )?lembrete(?: (?P<b>\d+|.+?))? (?:para|pra|pras) (?P<bw>.+)$|"
    r"^(?:puedes? |quiero |necesito |quisiera )?(?:cambi(?:a|ar|e)|mueve|mueva|mover|pasa|pasar) (?:el |mi )?recordatorio(?: (?P<c>\d+|.+?))? (?:a|para) (?P<cw>.+)$|"
    r"^(?:poti sa |puteti sa |vreau sa |as vrea sa )?(?:schimb|schimba|schimbi|mut|muta|muti|schimbati|mutati) memento(?: ?ul)?(?: (?P<d>\d+|.+?))? (?:la|pe|pentru) (?P<dw>.+)$"
)
# Small words that join the time to the rest, at either end of what is left. The lookbehinds keep the time linear: a run
# of spaces or signs is tried only from its first one.
EDGES = re.compile(
    r"^(?:[¿¡]|(?:to|that|about|of|for|at|on|i should|i need to|me|"
    r"de|que|para|pra|do|da|sobre|a|e|o|"
    r"del|la|el|"
    r"sa|ca|despre|mi|si)(?=\s)\s*|[:,.;-]\s*)+|(?:(?<!\s)\s+(?:at|on|of|the|to|de|do|da|a|as|todas?|todos?|el|la|las|los|pe|in|si|e|y|and))+$|(?<![\s,.;:-])[\s,.;:-]+$"
)


def match_rule(text: str, language: str) -> tuple[str, dict[str, Any]] | None:
    """Return the (tool, arguments) that a message asks for; None when it is about something else."""
    text = truncate(text, MAX_READ)
    plain = POLITE.sub(" ", fold(text)).strip()
    if LIST.match(plain):
        return "list_reminders", {}
    if CANCEL_ALL.match(plain):
        return "cancel_reminder", {"which": "all"}
    if LIST_TASKS.match(plain):
        return "list_tasks", {}
    for pattern, name, key in ((CANCEL, "cancel_reminder", "which"), (DONE_TASK, "complete_task", "which")):
        if found := pattern.match(plain):
            return name, {key: _given(found).strip() or "?"}
    if found := CHANGE.match(plain):
        return _changed(text, found, language)
    if found := TASK.match(plain):
        return _task(text, _given(found), language)
    return _reminder(text, language)


def _given(found: re.Match[str]) -> str:
    return next((value for value in found.groupdict().values() if value is not None), "")


def _changed(text: str, found: re.Match[str], language: str) -> tuple[str, dict[str, Any]] | None:
    which = next((value.strip() for name, value in found.groupdict().items() if value and not name.endswith("w")), "?")
    # The words after the number, as they were written: signs such as 15:30 are lost in the folded text.
    words = text.split()
    folded_when = next(value for name, value in found.groupdict().items() if value and name.endswith("w"))
    for start in range(len(words)):
        if fold(" ".join(words[start:])) == folded_when:
            when = " ".join(words[start:])
            if _times(when, language) is None:  # "la 10" is a time where 10 alone is not
                when = " ".join(words[max(start - 1, 0) :])
            return "change_reminder", {"which": which, "when": when}
    return None


def _task(text: str, title: str, language: str) -> tuple[str, dict[str, Any]]:
    original = text[len(text) - len(text.split(":", 1)[-1]) :].strip() if ":" in text else ""
    said = original or " ".join(text.split()[-len(title.split()) :])
    reading = _times(said, language)
    if reading is None:
        return "create_task", {"title": said}
    return "create_task", {"title": strip_small_words(reading.rest) or said, "when": said}


def _reminder(text: str, language: str) -> tuple[str, dict[str, Any]] | None:
    text = unicodedata.normalize("NFC", text[:MAX_TEXT])
    found = find_order(text)
    if found is None:
        return None
    first, begin, end = found
    rest = " ".join(f"{text[first:begin]} {text[end:]}".split())
    reading = _times(rest, language)
    about = strip_small_words(reading.rest if reading is not None else rest)
    if not any(letter.isalnum() for letter in about):
        about = "-"  # the tool asks what of
    return "create_reminder", {"text": about, "when": rest or "-"}


def _times(text: str, language: str) -> TimeReading | None:
    try:
        # Only the remaining text matters here: the tool decides which moment is meant, in the person's zone.
        return parse_time_words(text, now=datetime(2000, 1, 1), language=language, zone="UTC")  # noqa: DTZ001 - a wall clock
    except PastTime:
        return None


def strip_small_words(text: str) -> str:
    """Return what is to be done, without the small words that joined it to its time."""
    before = None
    while text != before:
        before = text
        text = _cut(text).strip().rstrip("?!.,;").rstrip()
    return text


def _cut(text: str) -> str:
    # Accents are folded only for comparing: the original is stored.
    found = EDGES.search(fold_letters(text))
    if found is None:
        return text
    return text[found.end() :] if found.start() == 0 else text[: found.start()]

"""The assistant without a language model: deterministic rules over the knowledge entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from assistant.matching.about_desk import question_about_assistant
from assistant.matching.line_sorts import LineSort, line_sort
from assistant.phrases import asks_for_person, is_no, is_yes, needs_no_answer
from assistant.providers.base import (
    AnswerSource,
    CallTool,
    Journal,
    KnowledgeSource,
    ModelThought,
    OfferedChoice,
    Prompt,
    PromptLine,
    ToolSpec,
)
from assistant.providers.sentences import MISSES, OFFERS, find_key, sentence_for
from common.text.language import nearest_language
from common.text.plain import truncate
from timewords.phrases import WEEKDAY_NAMES

# (text, language) -> (tool, arguments) of a plain sentence; the tool's result is the answer.
Rule = Callable[[str, str], "tuple[str, dict[str, Any]] | None"]
MODEL = "rules"
MAX_QUOTED = 100  # characters of a quoted message


class Offline(AnswerSource):
    """Greets, answers from knowledge entries, hands over on request, is silent after thanks, follows rules of apps."""

    name = "offline"

    def __init__(
        self, knowledge: KnowledgeSource, rules: Sequence[Rule] = (), *, is_asking: Callable[[], bool] = lambda: False
    ) -> None:
        self.knowledge = knowledge
        self.rules = rules
        self.is_asking = is_asking  # whether the tool that ran has asked a question

    def think(
        self, prompt: Prompt, tools: Sequence[ToolSpec], call: CallTool, *, seconds: float, journal: Journal
    ) -> ModelThought:
        """Decide by rules over the customer's newest lines."""
        return _OfflineAnswer(self, prompt, {spec.name for spec in tools}, call).thought()


@dataclass
class _EarlierAnswers:
    """Our answers before the waiting lines."""

    texts: list[str]  # of the last answer
    has_offered: bool = False  # it asked whether a person should answer
    misses: int = 0  # in a row


class _OfflineAnswer:
    """Turns one prompt into an answer."""

    def __init__(self, offline: Offline, prompt: Prompt, offered: set[str], call: CallTool) -> None:
        self.offline = offline
        self.prompt = prompt
        self.offered = offered
        self.call = call
        self.waiting = _waiting(prompt.lines)
        earlier = [line for line in prompt.lines if not any(line is other for other in self.waiting)]
        self.said = _last_said(earlier)
        self.before = _asked_before(earlier)
        # A tapped choice is answered as a tap; text beside it is read.
        self.newest = [line.text for line in self.waiting if not line.stands_for and not line.chosen]
        self.text = " ".join(self.newest)
        self.language = prompt.language[:2].lower()

    def thought(self) -> ModelThought:
        """Return the answer of the first rule that applies."""
        picked = next((line.chosen for line in reversed(self.waiting) if line.chosen), "")
        was_offered = self.said.has_offered
        wants_person = asks_for_person(self.text) or (was_offered and is_yes(self.text)) or picked == "person"
        is_about_desk = picked != "person" and line_sort(self.text) == LineSort.DESK
        if wants_person and not is_about_desk and "hand_over" in self.offered:
            self.call("hand_over", {"reason": "the customer asked for a person", "asked_by": "customer"})
            return self._say("hand_over")
        closes = [needs_no_answer(line) or (was_offered and is_no(line)) for line in self.newest]
        entries = [int(line.chosen.partition(":")[2]) for line in self.waiting if line.chosen.startswith("entry:")]
        if entries:
            return self._entries(entries)
        if (picked == "nothing" or closes) and all(closes) and "stay_silent" in self.offered:
            self.call("stay_silent", {})
            return ModelThought(text="", provider=Offline.name, model=MODEL)
        if not self.text:
            is_voice = any(line.stands_for in {"voice", "audio"} for line in self.waiting)
            return self._say("voice" if is_voice else "media")
        return self._of_words()

    def _of_words(self) -> ModelThought:
        """Return the answer to the written lines."""
        done, others = self._by_rules()
        return self._made("\n\n".join([*done, *self._known_of(others)])) if done else self._by_sort()

    def _by_rules(self) -> tuple[list[str], list[str]]:
        """Run the rules of other apps for each message; returns their texts, and the messages that no rule took.

        Each message is read by itself, without those before or after it. One question is open at a time: after a rule
        has asked one, the next rules are not run, and the customer is told so.
        """
        done, others, left = [], [], []
        for message in self.newest:
            asked = [
                found for rule in self.offline.rules
                if (found := rule(message, self.language)) is not None and found[0] in self.offered
            ]  # fmt: skip
            if asked and self.offline.is_asking():
                left.append(f"“{truncate(message, MAX_QUOTED)}”")
            elif asked:
                done.append(self.call(*asked[0]))
            else:
                others.append(message)
        if left:
            done.append(sentence_for("left", self.language, values={"orders": ", ".join(left)}))
        return done, others

    def _known_of(self, messages: Sequence[str]) -> list[str]:
        """Return what the entries say about messages that came with an order; empty where that is not sure."""
        lines = "\n".join(message for message in messages if not needs_no_answer(message))
        if not lines or line_sort(lines) == LineSort.HELLO:
            return []
        found = self.offline.knowledge.look_up(lines, language=self.language, before=self.before)
        return [] if found.is_choice else [passage.content.strip() for passage in found.passages]

    def _by_sort(self) -> ModelThought:
        sort = line_sort(self.text)
        if sort == LineSort.HELLO:
            return self._say("hello")
        if sort == LineSort.DESK:
            return self._about_desk()
        return self._from_knowledge()

    def _about_desk(self) -> ModelThought:
        key = question_about_assistant(self.text)
        if key == "phone" and (known := self._known()):
            return known
        now = self.prompt.now
        if key in ("time", "day") and now is None:
            return self._missed()
        days = WEEKDAY_NAMES[nearest_language(self.language)]
        values = {
            "business": self.prompt.business or "…",
            "time": f"{now:%H:%M}" if now else "",
            "day": f"{days[now.weekday()]}, {now:%d.%m.%Y}" if now else "",
        }
        return self._made(sentence_for(key, self.language, said=self.said.texts, values=values))

    def _from_knowledge(self) -> ModelThought:
        return self._known() or self._missed()

    def _known(self) -> ModelThought | None:
        lines = "\n".join(self.newest)
        found = self.offline.knowledge.look_up(lines, language=self.language, before=self.before)
        if not found.passages:
            return None
        if found.is_choice:
            return self._which([(passage.title, passage.id) for passage in found.passages])
        texts = [passage.content.strip() for passage in found.passages]
        if all(text in self.said.texts or text in "\n\n".join(self.said.texts) for text in texts):
            return self._offering("same")
        rest = [sentence_for("rest", self.language)] if found.is_partial else []
        return self._made("\n\n".join([*texts, *rest]))

    def _entries(self, ids: Sequence[int]) -> ModelThought:
        """Return the entries that were tapped, then the answers to the questions beside them."""
        found = [self.offline.knowledge.passage(id_) for id_ in dict.fromkeys(ids)]
        said = [passage.content.strip() for passage in found if passage is not None]
        self.newest = [line for line in self.newest if not needs_no_answer(line) and line_sort(line) != LineSort.HELLO]
        self.text = " ".join(self.newest)
        if not self.text:
            return self._made("\n\n".join(said)) if said else self._missed()
        rest = self._of_words()
        if rest.text in said:
            return self._made("\n\n".join(said))
        return replace(rest, text="\n\n".join([*said, rest.text]))

    def _which(self, titles: Sequence[tuple[str, int]]) -> ModelThought:
        values = {"first": titles[0][0], "second": titles[1][0]}
        text = sentence_for("which", self.language, said=self.said.texts, values=values)
        choices = [OfferedChoice(title=title, means=f"entry:{id_}") for title, id_ in titles]
        person = OfferedChoice(title=sentence_for("person", self.language), means="person")
        return self._made(text, [*choices, person])

    def _missed(self) -> ModelThought:
        """Return that nothing is known; from the second time in a row on, offer a person by buttons."""
        return self._offering("offer") if self.said.misses else self._say("unknown")

    def _offering(self, key: str) -> ModelThought:
        choices = [
            OfferedChoice(title=sentence_for("yes_person", self.language), means="person"),
            OfferedChoice(title=sentence_for("no_thanks", self.language), means="nothing"),
        ]
        return self._made(sentence_for(key, self.language, said=self.said.texts), choices)

    def _say(self, key: str) -> ModelThought:
        return self._made(sentence_for(key, self.language, said=self.said.texts))

    def _made(self, text: str, choices: Sequence[OfferedChoice] = ()) -> ModelThought:
        if self.prompt.is_first_answer:
            introduction = sentence_for("offline", self.language)
            # Buttons stand under the last bubble, which must be the question.
            text = f"{introduction}\n\n{text}" if choices else f"{text}\n\n{introduction}"
        return ModelThought(text=text, provider=Offline.name, model=MODEL, choices=choices)


def _waiting(lines: Sequence[PromptLine]) -> list[PromptLine]:
    """Return the customer's lines since our last answer; a reminder in between answered none of them."""
    waiting: list[PromptLine] = []
    has_passed = False
    for line in reversed(lines):
        if line.role != "customer" and not line.is_aside:
            break
        has_passed |= line.role != "customer"
        if line.role == "customer" and not (has_passed and line.is_aside):
            waiting.append(line)
    return waiting[::-1]


def _last_said(earlier: Sequence[PromptLine]) -> _EarlierAnswers:
    """Return our last answer, and how many in a row said that nothing is known."""
    last = list(takewhile(lambda line: line.role == "assistant", reversed(earlier)))[::-1]
    keys = [find_key(line.text) for line in last]
    has_offered = any(key in OFFERS for key, _ in keys)
    misses = 0
    for line in reversed(earlier):
        key = find_key(line.text)[0]
        if line.role == "customer" or key == "offline":
            continue
        if line.role == "person" or key not in MISSES:
            break
        misses += 1
    return _EarlierAnswers([line.text for line in last], has_offered, misses)


def _asked_before(earlier: Sequence[PromptLine]) -> str:
    """Return what the customer wrote before our last answer."""
    rest = list(earlier)
    while rest and rest[-1].role != "customer":
        rest.pop()
    return " ".join(line.text for line in _waiting(rest) if not line.stands_for)

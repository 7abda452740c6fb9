"""The assistant without a language model: honest rules over what the business has written down. Deterministic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from assistant.matching.about_desk import about_desk
from assistant.matching.sorting import Sort, sort_of
from assistant.providers.base import CallTool, Choice, Journal, Knowledge, Line, Prompt, Thinker, Thought, ToolSpec
from assistant.providers.sentences import MISSES, OFFERS, key_of, wording
from assistant.words import agrees, asks_for_person, needs_no_answer, refuses
from common.text.plain import truncate

# (text, language) -> (tool, arguments) that a plain sentence asks for; what the tool answers is said.
Rule = Callable[[str, str], "tuple[str, dict[str, Any]] | None"]
MODEL = "rules"
MAX_QUOTED = 100  # characters of a message that is named
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "ro": "luni marți miercuri joi vineri sâmbătă duminică",
}


class Offline(Thinker):
    """Greets, answers from knowledge entries, hands over when asked, keeps silent after thanks, obeys rules of apps."""

    name = "offline"

    def __init__(
        self, knowledge: Knowledge, rules: Sequence[Rule] = (), *, is_asking: Callable[[], bool] = lambda: False
    ) -> None:
        self.knowledge = knowledge
        self.rules = rules
        self.is_asking = is_asking  # whether an order that was obeyed has asked something

    def think(
        self, prompt: Prompt, tools: Sequence[ToolSpec], call: CallTool, *, seconds: float, journal: Journal
    ) -> Thought:
        """Decide by rules over the customer's newest lines."""
        return _Answering(self, prompt, {spec.name for spec in tools}, call).thought()


@dataclass
class _Said:
    """What our answers before the waiting lines were."""

    texts: list[str]  # of the last answer
    has_offered: bool = False  # it asked whether a person should answer
    misses: int = 0  # in a row


class _Answering:
    """One prompt on its way to an answer."""

    def __init__(self, offline: Offline, prompt: Prompt, offered: set[str], call: CallTool) -> None:
        self.offline = offline
        self.prompt = prompt
        self.offered = offered
        self.call = call
        self.waiting = _waiting(prompt.lines)
        earlier = [line for line in prompt.lines if not any(line is other for other in self.waiting)]
        self.said = _last_said(earlier)
        self.before = _asked_before(earlier)
        # What was tapped is answered as a tap; what was written beside it is read.
        self.newest = [line.text for line in self.waiting if not line.stands_for and not line.chosen]
        self.text = " ".join(self.newest)
        self.language = prompt.language[:2].lower()

    def thought(self) -> Thought:
        """The first rule that applies decides."""
        picked = next((line.chosen for line in reversed(self.waiting) if line.chosen), "")
        was_offered = self.said.has_offered
        wants_person = asks_for_person(self.text) or (was_offered and agrees(self.text)) or picked == "person"
        is_about_desk = picked != "person" and sort_of(self.text) == Sort.DESK
        if wants_person and not is_about_desk and "hand_over" in self.offered:
            self.call("hand_over", {"reason": "the customer asked for a person", "asked_by": "customer"})
            return self._say("hand_over")
        closes = [needs_no_answer(line) or (was_offered and refuses(line)) for line in self.newest]
        entries = [int(line.chosen.partition(":")[2]) for line in self.waiting if line.chosen.startswith("entry:")]
        if entries:
            return self._entries(entries)
        if (picked == "nothing" or closes) and all(closes) and "stay_silent" in self.offered:
            self.call("stay_silent", {})
            return Thought(text="", provider=Offline.name, model=MODEL)
        if not self.text:
            is_voice = any(line.stands_for in {"voice", "audio"} for line in self.waiting)
            return self._say("voice" if is_voice else "media")
        return self._of_words()

    def _of_words(self) -> Thought:
        """What is answered to the written lines."""
        done, others = self._by_rules()
        return self._made("\n\n".join([*done, *self._known_of(others)])) if done else self._by_sort()

    def _by_rules(self) -> tuple[list[str], list[str]]:
        """What rules of other apps did for each message, in their order, and the messages that ask for nothing of them.

        A message is read by itself: what was said before or after it is no part of it. One question is open at a time:
        the orders after one that asks are not obeyed, and that is said.
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
            done.append(wording("left", self.language, values={"orders": ", ".join(left)}))
        return done, others

    def _known_of(self, messages: Sequence[str]) -> list[str]:
        """What is written down about messages that came with an order; nothing where that is not sure."""
        lines = "\n".join(message for message in messages if not needs_no_answer(message))
        if not lines or sort_of(lines) == Sort.HELLO:
            return []
        found = self.offline.knowledge.look_up(lines, language=self.language, before=self.before)
        return [] if found.is_choice else [passage.content.strip() for passage in found.passages]

    def _by_sort(self) -> Thought:
        sort = sort_of(self.text)
        if sort == Sort.HELLO:
            return self._say("hello")
        if sort == Sort.DESK:
            return self._about_desk()
        return self._from_knowledge()

    def _about_desk(self) -> Thought:
        key = about_desk(self.text)
        if key == "phone" and (known := self._known()):
            return known
        now = self.prompt.now
        if key in ("time", "day") and now is None:
            return self._missed()
        days = DAYS.get(self.language, DAYS["en"]).split()
        values = {
            "business": self.prompt.business or "…",
            "time": f"{now:%H:%M}" if now else "",
            "day": f"{days[now.weekday()]}, {now:%d.%m.%Y}" if now else "",
        }
        return self._made(wording(key, self.language, said=self.said.texts, values=values))

    def _from_knowledge(self) -> Thought:
        return self._known() or self._missed()

    def _known(self) -> Thought | None:
        lines = "\n".join(self.newest)
        found = self.offline.knowledge.look_up(lines, language=self.language, before=self.before)
        if not found.passages:
            return None
        if found.is_choice:
            return self._which([(passage.title, passage.id) for passage in found.passages])
        texts = [passage.content.strip() for passage in found.passages]
        if all(text in self.said.texts or text in "\n\n".join(self.said.texts) for text in texts):
            return self._offering("same")
        rest = [wording("rest", self.language)] if found.is_partial else []
        return self._made("\n\n".join([*texts, *rest]))

    def _entries(self, ids: Sequence[int]) -> Thought:
        """The entries that were tapped, then what is answered to the questions beside them."""
        found = [self.offline.knowledge.passage(id_) for id_ in dict.fromkeys(ids)]
        said = [passage.content.strip() for passage in found if passage is not None]
        self.newest = [line for line in self.newest if not needs_no_answer(line) and sort_of(line) != Sort.HELLO]
        self.text = " ".join(self.newest)
        if not self.text:
            return self._made("\n\n".join(said)) if said else self._missed()
        rest = self._of_words()
        if rest.text in said:
            return self._made("\n\n".join(said))
        return replace(rest, text="\n\n".join([*said, rest.text]))

    def _which(self, titles: Sequence[tuple[str, int]]) -> Thought:
        values = {"first": titles[0][0], "second": titles[1][0]}
        text = wording("which", self.language, said=self.said.texts, values=values)
        choices = [Choice(title=title, means=f"entry:{id_}") for title, id_ in titles]
        person = Choice(title=wording("person", self.language), means="person")
        return self._made(text, [*choices, person])

    def _missed(self) -> Thought:
        """Nothing is known: said once, and from the second time on a person is offered by buttons."""
        return self._offering("offer") if self.said.misses else self._say("unknown")

    def _offering(self, key: str) -> Thought:
        choices = [
            Choice(title=wording("yes_person", self.language), means="person"),
            Choice(title=wording("no_thanks", self.language), means="nothing"),
        ]
        return self._made(wording(key, self.language, said=self.said.texts), choices)

    def _say(self, key: str) -> Thought:
        return self._made(wording(key, self.language, said=self.said.texts))

    def _made(self, text: str, choices: Sequence[Choice] = ()) -> Thought:
        if self.prompt.is_first_answer:
            introduction = wording("offline", self.language)
            # Buttons hang under the last bubble, which must be the question.
            text = f"{introduction}\n\n{text}" if choices else f"{text}\n\n{introduction}"
        return Thought(text=text, provider=Offline.name, model=MODEL, choices=choices)


def _waiting(lines: Sequence[Line]) -> list[Line]:
    """The customer's lines since our last answer; a reminder in between answered none of them."""
    waiting: list[Line] = []
    has_passed = False
    for line in reversed(lines):
        if line.role != "customer" and not line.is_aside:
            break
        has_passed |= line.role != "customer"
        if line.role == "customer" and not (has_passed and line.is_aside):
            waiting.append(line)
    return waiting[::-1]


def _last_said(earlier: Sequence[Line]) -> _Said:
    """Our last answer, and how many in a row said that nothing is known."""
    last = list(takewhile(lambda line: line.role == "assistant", reversed(earlier)))[::-1]
    keys = [key_of(line.text) for line in last]
    has_offered = any(key in OFFERS for key, _ in keys)
    misses = 0
    for line in reversed(earlier):
        key = key_of(line.text)[0]
        if line.role == "customer" or key == "offline":
            continue
        if line.role == "person" or key not in MISSES:
            break
        misses += 1
    return _Said([line.text for line in last], has_offered, misses)


def _asked_before(earlier: Sequence[Line]) -> str:
    """What the customer wrote before our last answer."""
    rest = list(earlier)
    while rest and rest[-1].role != "customer":
        rest.pop()
    return " ".join(line.text for line in _waiting(rest) if not line.stands_for)

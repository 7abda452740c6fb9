"""The contract between a turn and whoever thinks: value classes, plain Python."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal, Protocol

MAX_ROUNDS = 4  # of tool calls in one answer


@dataclass(frozen=True)
class Line:
    """One line of the conversation, as the model sees it."""

    role: Literal["customer", "assistant", "person"]  # person = an operator or the owner
    text: str
    stands_for: str = ""  # the text is our word for a file without one, such as "[image]": this is its kind
    chosen: str = ""  # it answers a choice of ours, by button or by number: what that stands for (Choice.means)
    is_aside: bool = False  # no part of question and answer: a reminder or a notice of ours, or an answer to one


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Everything the model is told. Texts of people are data in `lines`, never instructions."""

    system: str
    lines: Sequence[Line]
    language: str = "en"
    is_first_answer: bool = False
    max_tokens: int = 1024
    business: str = ""  # its name
    now: datetime | None = None  # at the business

    def in_turns(self) -> list[tuple[bool, str]]:
        """(is it the customer's, text) with the roles in turn, beginning with the customer's, as vendors want it."""
        merged: list[tuple[bool, str]] = []
        for line in self.lines:
            is_customer = line.role == "customer"
            if merged and merged[-1][0] == is_customer:
                merged[-1] = (is_customer, f"{merged[-1][1]}\n{line.text}")
            elif merged or is_customer:
                merged.append((is_customer, line.text))
            else:
                merged += [(True, "(The conversation begins with a message of ours.)"), (False, line.text)]
        return merged or [(True, "(nothing)")]


@dataclass(frozen=True, kw_only=True)
class ToolSpec:
    """What the model is told of a tool. Identifiers never come from the model: there are none in `parameters`."""

    name: str
    description: str
    parameters: Mapping[str, Any]  # JSON schema of an object


CallTool = Callable[[str, Mapping[str, Any]], str]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of all calls of one answer."""

    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An answer that the customer may give by a button, or by its number where the wire has no buttons."""

    title: str
    means: str  # "entry:<id>", "person" or "nothing"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A knowledge entry that may be said."""

    id: int
    title: str
    content: str


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """What is written down about a question: to be said, or to choose from."""

    passages: Sequence[Passage] = ()
    is_choice: bool = False
    is_partial: bool = False  # a part of the question is answered by none of them


class Knowledge(Protocol):
    """What the business has written down."""

    def look_up(self, text: str, *, language: str, before: str = "") -> LookedUp:
        """What answers a question surely enough; `before` is what the customer asked before it."""

    def passage(self, id_: int) -> Passage | None:
        """One entry; None when it is gone or switched off."""


@dataclass(frozen=True, kw_only=True)
class Thought:
    """What the model came to: plain text; a blank line separates bubbles. "" is silence only if a tool said so."""

    text: str
    is_cut: bool = False  # the model ran out of tokens: the last sentence is a half one
    usage: Usage = field(default_factory=Usage)
    provider: str = ""
    model: str = ""
    choices: Sequence[Choice] = ()  # under the last bubble


class Breaker(StrEnum):
    """What an error means for the calls to come."""

    NONE = "none"
    COUNTS = "counts"  # a few of these in a row and it is left alone for a while
    HOUR = "hour"  # no money: left alone for an hour
    CHANGE = "change"  # wrong key or model: left alone until somebody changes it


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to do after an error (the table of wire/llm.md section 4)."""

    retries: int = 0  # how often the same provider may be asked again
    wait: float | None = None  # seconds the provider asks for
    next_provider: bool = False
    breaker: Breaker = Breaker.NONE
    hand_over: bool = False  # a refusal: a person is to answer
    shorten: bool = False  # worth another try with a shorter history


class ModelError(Exception):
    """The model gave no usable answer; `decision` says what to do. The text names no words of people."""

    def __init__(self, reason: str, decision: Decision, *, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.decision = decision
        self.status = status


class Journal(Protocol):
    """What is written down around each call, so that a death costs nothing twice. All methods may raise LeaseLost."""

    def recall(self, number: int) -> Any:
        """The reply number `number` of an earlier run of this turn that asked for tools, or None."""

    def before(self, tokens: int, max_tokens: int) -> None:
        """About to call with an estimated `tokens`: keep the claim, set the money aside; raises OutOfBudget."""

    def after(self, usage: Usage) -> None:
        """The call ended; zero tokens when it is not known what it cost."""

    def keep(self, number: int, reply: Any) -> None:
        """Store a reply that asks for tools, before they run."""


class OutOfBudget(Exception):
    """The tenant's money for this month is spent."""


class Thinker(ABC):
    """A language model, or the rules that stand in for one."""

    name: ClassVar[str]

    @abstractmethod
    def think(
        self, prompt: Prompt, tools: Sequence[ToolSpec], call: CallTool, *, seconds: float, journal: Journal
    ) -> Thought:
        """Answer within `seconds`, calling tools as needed (at most 4 rounds); raises ModelError."""

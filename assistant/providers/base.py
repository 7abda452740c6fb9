"""The contract between a turn and a model: value classes, plain Python."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Literal, Protocol

MAX_ROUNDS = 4  # of tool calls in one answer


@dataclass(frozen=True)
class PromptLine:
    """One line of the conversation, as the model sees it."""

    role: Literal["customer", "assistant", "person"]  # person = an operator or the owner
    text: str
    stands_for: str = ""  # the text is our word for a file without one, such as "[image]": this is its kind
    # it answers a choice of ours, by button or by number: the meaning of that choice (OfferedChoice.means)
    chosen: str = ""
    is_aside: bool = False  # outside of question and answer: a reminder or a notice of ours, or an answer to one


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Everything the model is given. Texts of people are data in `lines`, never instructions."""

    system: str
    lines: Sequence[PromptLine]
    language: str = "en"
    is_first_answer: bool = False
    max_tokens: int = 1024
    business: str = ""  # its name
    now: datetime | None = None  # at the business

    def alternating(self) -> list[tuple[bool, str]]:
        """Return (whether it is the customer's, text) in alternating roles, the customer first, as vendors require."""
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
    """The description of a tool for the model. The model never supplies ids: there are none in `parameters`."""

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
class OfferedChoice:
    """An answer that the customer may give by a button, or by its number where the provider has no buttons."""

    title: str
    means: str  # "entry:<id>", "person" or "nothing"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A knowledge entry that may be said."""

    id: int
    title: str
    content: str


@dataclass(frozen=True, kw_only=True)
class LookupResult:
    """The entries for a question: to be said, or to choose from."""

    passages: Sequence[Passage] = ()
    is_choice: bool = False
    is_partial: bool = False  # a part of the question is answered by none of them


class KnowledgeSource(Protocol):
    """The entries of the tenant."""

    def look_up(self, text: str, *, language: str, before: str = "") -> LookupResult:
        """Return what answers a question surely enough; `before` is the customer's question before it."""

    def passage(self, id_: int) -> Passage | None:
        """Return one entry; None when it is deleted or switched off."""


@dataclass(frozen=True, kw_only=True)
class ModelThought:
    """The answer of a model: plain text; a blank line separates bubbles. "" is silence only if a tool said so."""

    text: str
    is_cut: bool = False  # the model ran out of tokens: the last sentence is incomplete
    usage: Usage = field(default_factory=Usage)
    provider: str = ""
    model: str = ""
    choices: Sequence[OfferedChoice] = ()  # under the last bubble


class BreakerEffect(StrEnum):
    """What an error means for later calls."""

    NONE = "none"
    COUNTS = "counts"  # after a few of these in a row the model is not called for a while
    HOUR = "hour"  # no money: not called for an hour
    CHANGE = "change"  # wrong key or model: not called until somebody changes it


@dataclass(frozen=True, kw_only=True)
class ErrorDecision:
    """What to do after an error (the table of wire/llm.md section 4)."""

    retries: int = 0  # how often the same provider may be asked again
    wait: float | None = None  # seconds the provider asks for
    next_provider: bool = False
    breaker: BreakerEffect = BreakerEffect.NONE
    hand_over: bool = False  # a refusal: a person must answer
    shorten: bool = False  # worth another try with a shorter history


class ModelError(Exception):
    """The model gave no usable answer; `decision` says what to do. The text contains no words of people."""

    def __init__(self, reason: str, decision: ErrorDecision, *, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.decision = decision
        self.status = status


class Journal(Protocol):
    """What is stored around each call, so that a crash costs nothing twice. All methods may raise LeaseLost."""

    def recall(self, number: int) -> Any:
        """Return the reply number `number` of an earlier run of this turn that asked for tools, or None."""

    def before(self, tokens: int, max_tokens: int) -> None:
        """Extend the claim and reserve the cost of a call with an estimated `tokens`; raises OutOfBudget."""

    def after(self, usage: Usage) -> None:
        """Count the cost of the call; zero tokens when it is unknown."""

    def keep(self, number: int, reply: Any) -> None:
        """Store a reply that asks for tools, before they run."""


class OutOfBudget(Exception):
    """The tenant's budget of this month is spent."""


class AnswerSource(ABC):
    """A language model, or the rules that replace one."""

    name: ClassVar[str]

    @abstractmethod
    def think(
        self, prompt: Prompt, tools: Sequence[ToolSpec], call: CallTool, *, seconds: float, journal: Journal
    ) -> ModelThought:
        """Answer within `seconds`, calling tools as needed (at most 4 rounds); raises ModelError."""

"""Error codes of the Cloud API, and the answers to a send.

Source: provider notes "Meta WhatsApp Cloud API", section 9, and "360dialog", section 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from messaging.providers import _cloud_identity
from messaging.providers._errors import LONGEST_WAIT, Meaning, answer_object, by_status, retry_after, table
from messaging.providers._foreign import items, mapping, number, text
from messaging.providers.base import HttpResponse, Outcome, ProviderError, Sent

RETRY, AUTH, UNCERTAIN = Outcome.RETRY, Outcome.AUTH, Outcome.UNCERTAIN

MEANINGS = table(
    ((1, 2, 131000, 131016), Meaning(reason="temporary fault", outcome=RETRY)),
    ((4, 17, 80007), Meaning(reason="call quota used up", outcome=RETRY, retry_after=300, whole_channel=True)),
    ((130429,), Meaning(reason="too many messages a second", outcome=RETRY, retry_after=5, whole_channel=True)),
    ((131056,), Meaning(reason="too many messages to this person", outcome=RETRY, retry_after=4)),
    ((131048, 131064), Meaning(reason="messaging limit", outcome=RETRY, retry_after=3600, whole_channel=True)),
    ((133016,), Meaning(reason="registration limit", outcome=RETRY, retry_after=3600, whole_channel=True)),
    ((131057,), Meaning(reason="maintenance", outcome=RETRY, retry_after=60, whole_channel=True)),
    ((131053, 131052), Meaning(reason="the file could not be fetched", outcome=RETRY, retry_after=30)),
    ((132069,), Meaning(reason="flow throttled", outcome=RETRY, retry_after=60)),
    ((190, 0, 3, 10, *range(200, 300), 131005), Meaning(reason="token or permission refused", outcome=AUTH)),
    ((131031, 131042, 131045, 368), Meaning(reason="the account is locked or unpaid", outcome=AUTH)),
    ((131047,), Meaning(reason="the reply window is shut", closes_window=True)),
    ((131026,), Meaning(reason="undeliverable")),
    ((131049,), Meaning(reason="this person's marketing limit")),
    ((131050,), Meaning(reason="this person stopped marketing", opted_out=True)),
    ((130472, 130497, 131021, 131030, 131037, 131062, 131063), Meaning(reason="the recipient is refused")),
    ((100, 33, 131008, 131009, 131051), Meaning(reason="bad request")),
    (
        (132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068),
        Meaning(reason="the template or flow is refused"),
    ),
    ((135000, 137000), Meaning(reason="refused without a reason")),
)

# Errors of 360dialog itself have no code and no fixed format. They are recognised by the HTTP status and by words.
WORDS_360 = (
    (400, "rate limit", Meaning(reason="rate limit", outcome=RETRY, retry_after=30, whole_channel=True)),
    (400, "payment", Meaning(reason="the account is unpaid", outcome=AUTH)),
    (400, "disabled", Meaning(reason="the account is disabled", outcome=AUTH)),
    (401, "", Meaning(reason="the API key was refused", outcome=AUTH)),
    (403, "blocked", Meaning(reason="the endpoint is blocked")),
    (404, "", Meaning(reason="unknown path")),
    (502, "", Meaning(reason="not available", outcome=UNCERTAIN)),
    (503, "", Meaning(reason="not available", outcome=UNCERTAIN)),
    (504, "", Meaning(reason="not available", outcome=UNCERTAIN)),
)


def sent(response: HttpResponse, *, provider: str) -> Sent:
    """Return the message id and the recipient's addresses from an answer. Raise ProviderError when it is a refusal."""
    if not 200 <= response.status < 300:
        raise failure(response, provider=provider)
    answer = answer_object(response)
    message = mapping(next(iter(items(answer.get("messages"))), None))
    wamid = text(message.get("id"))
    if not wamid:
        raise ProviderError(f"{provider}: an answer without a message id", outcome=UNCERTAIN)
    person = mapping(next(iter(items(answer.get("contacts"))), None))
    data = {
        "wa_id": text(person.get("wa_id")).strip(),  # Meta's own examples have spaces around it
        "user_id": text(person.get("user_id")).strip(),
        "message_status": text(message.get("message_status")),
    }
    known_as = _cloud_identity.addresses((data["wa_id"], data["user_id"]))
    return Sent(external_id=wamid, known_as=known_as, data={name: value for name, value in data.items() if value})


def failure(response: HttpResponse, *, provider: str) -> ProviderError:
    """Return the error that a refusal means: by its code, else by 360dialog's words, else by the HTTP status."""
    answer = answer_object(response)
    error = mapping(answer.get("error"))
    code = number(error.get("code"))
    wait = waiting_time(response.headers)
    if code is not None and code in MEANINGS:
        return MEANINGS[code].error(provider=provider, code=str(code), retry_after=wait)
    if code is not None:
        meaning = by_status(response.status, has_body=True)
        if error.get("is_transient") is True and meaning.outcome is Outcome.PERMANENT:
            meaning = Meaning(reason="a fault that passes", outcome=RETRY)
        return meaning.error(provider=provider, code=str(code), retry_after=wait)
    meaning = (words_360(response) if provider == "dialog360" else None) or by_status(
        response.status, has_body=bool(answer)
    )
    return meaning.error(provider=provider, code=str(response.status), retry_after=wait)


def words_360(response: HttpResponse) -> Meaning | None:
    """Return the meaning of an error of 360dialog itself, or None."""
    content = response.content[:20_000].decode("utf-8", "replace").lower()
    for status, words, meaning in WORDS_360:
        if response.status == status and words in content:
            return meaning
    return None


def waiting_time(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, from Retry-After or from the minutes in Meta's usage header, or None."""
    seconds = retry_after(headers)
    if seconds is not None:
        return seconds
    try:
        usage = json.loads(headers.get("x-business-use-case-usage") or "{}")
    except (ValueError, RecursionError):
        return None
    entries = [mapping(entry) for account in mapping(usage).values() for entry in items(account)]
    minutes = max((number(entry.get("estimated_time_to_regain_access")) or 0 for entry in entries), default=0)
    return min(minutes * 60.0, LONGEST_WAIT) if minutes > 0 else None

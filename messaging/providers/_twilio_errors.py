"""Error codes of Twilio, the same in answers and in status callbacks (provider notes "Twilio", section 5)."""

from __future__ import annotations

from messaging.providers._errors import Meaning, answer_object, by_status, retry_after, table
from messaging.providers._foreign import number, text
from messaging.providers.base import HttpResponse, Outcome, ProviderError, Sent

PROVIDER = "twilio"
RETRY, AUTH = Outcome.RETRY, Outcome.AUTH

MEANINGS = table(
    ((30001, 30008, 63010, 63012), Meaning(reason="temporary fault", outcome=RETRY)),
    ((20429, 63018, 30022), Meaning(reason="rate limit", outcome=RETRY, retry_after=5, whole_channel=True)),
    ((21611,), Meaning(reason="the sender's queue is full", outcome=RETRY, retry_after=120, whole_channel=True)),
    ((30003,), Meaning(reason="the handset is unreachable", outcome=RETRY, retry_after=3600)),
    ((63019, 11200), Meaning(reason="the file could not be fetched", outcome=RETRY, retry_after=30)),
    ((63038,), Meaning(reason="the account's daily limit", outcome=RETRY, retry_after=86_400, whole_channel=True)),
    ((20003, 20404), Meaning(reason="the credential was refused or the account is unknown", outcome=AUTH)),
    ((63001, 63007, 63020, 30002), Meaning(reason="the sender or account is not set up or suspended", outcome=AUTH)),
    ((21211, 21212, 21606, 21612, 21614), Meaning(reason="bad recipient, sender or route")),
    ((21408,), Meaning(reason="the region is not enabled")),
    ((21610,), Meaning(reason="the recipient sent STOP", opted_out=True)),
    ((21608,), Meaning(reason="a trial account sends to verified numbers only")),
    ((21617, 21620, 21623), Meaning(reason="the text or file is refused")),
    ((21654, 21655, 21656, 63027, 63028, 63029, 63030, 63041), Meaning(reason="the template is refused")),
    ((30004, 30005, 30006, 30007), Meaning(reason="blocked, unknown, landline or filtered")),
    ((63016,), Meaning(reason="the reply window is shut", closes_window=True)),
    (
        (63003, 63005, 63013, 63014, 63015, 63021, 63024, 63031, 63034),
        Meaning(reason="the recipient or the content is refused"),
    ),
    ((63032, 63033), Meaning(reason="WhatsApp limits or blocks this recipient")),
    ((12200, 12300, 14103, 57012), Meaning(reason="our own webhook answered wrongly")),
)


def sent(response: HttpResponse) -> Sent:
    """Return the message sid of an answer. Raise ProviderError when it is a refusal."""
    if not 200 <= response.status < 300:
        raise failure(response)
    answer = answer_object(response)
    code = number(answer.get("error_code"))
    if code:
        raise MEANINGS.get(code, Meaning(reason="refused")).error(provider=PROVIDER, code=str(code))
    sid = text(answer.get("sid"))
    if not sid:
        raise ProviderError("twilio: an answer without a message sid", outcome=Outcome.UNCERTAIN)
    return Sent(external_id=sid, data={"status": text(answer.get("status"))})


def failure(response: HttpResponse) -> ProviderError:
    """Return the error that a refusal means: by its code, else by the HTTP status."""
    answer = answer_object(response)
    code = number(answer.get("code"))
    meaning = MEANINGS.get(code or 0) or by_status(response.status, has_body=code is not None)
    return meaning.error(
        provider=PROVIDER, code=str(code or response.status), retry_after=retry_after(response.headers)
    )

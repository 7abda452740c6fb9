"""Sending notices: by a webhook in Slack's format, and by e-mail."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from alerts.models import Notice, NoticeMedium
from common.http.client import HttpError, foreign_client, operator_client
from tenants.viewer_language import language_of

SECONDS = 10.0


class NoticeRefused(Exception):
    """The receiver refuses the notice; trying again would change nothing."""


class NoticeNotDelivered(Exception):
    """The notice did not arrive; `wait` is the number of seconds that the receiver asks for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def send(notice: Notice) -> None:
    """Send a notice. Raises NoticeRefused and NoticeNotDelivered."""
    text = notice_text(notice)
    if notice.medium == NoticeMedium.EMAIL:
        _mail(notice, text)
    else:
        _post(notice, text)


def notice_text(notice: Notice) -> str:
    """Return the text of the notice in the language of its receiver: the tenant and the alert."""
    alert = notice.alert
    chosen = "" if notice.address else settings.ALERT_LANGUAGE
    with translation.override(chosen or language_of(alert.tenant)):
        whose = alert.tenant.name if alert.tenant is not None else _("installation")
        told = alert.in_words()
        return f"[{whose}] " + (_("Over: %s") % told if notice.event == "ended" else told)


def _post(notice: Notice, text: str) -> None:
    # The installation's address may be private; a tenant's may not.
    client = foreign_client() if notice.address else operator_client()
    url = notice.address or settings.ALERT_WEBHOOK_URL
    if not url:
        raise NoticeRefused("ALERT_WEBHOOK_URL is not set any more")
    # A process that dies after the post leaves the notice to be sent again; a receiver can recognise it by the same id.
    headers = {"Idempotency-Key": f"notice-{notice.pk}"}
    body = {"text": _escaped(text)}
    try:
        answer = client.request("POST", url, json=body, headers=headers, timeout=SECONDS, max_bytes=10_000)
    except HttpError as error:
        raise NoticeNotDelivered(f"{type(error).__name__}: {error}") from error
    if answer.status == 429 or answer.status >= 500:
        after = answer.retry_after
        raise NoticeNotDelivered(f"answered {answer.status}", after if after is not None and after < 3600 else None)
    if not 200 <= answer.status < 300:
        raise NoticeRefused(f"answered {answer.status}")


def _mail(notice: Notice, text: str) -> None:
    to = [notice.address] if notice.address else settings.ALERT_EMAILS
    if not to or not settings.EMAIL_URL:
        raise NoticeRefused("EMAIL_URL or ALERT_EMAILS is not set any more")
    subject = " ".join(text.split())[:120]
    # The same id at each try, so that a mail server that got it twice can recognise it.
    headers = {"Message-ID": f"<notice-{notice.pk}@{settings.EMAIL_FROM.rpartition('@')[2]}>"}
    mail = EmailMessage(subject, text, settings.EMAIL_FROM, to, headers=headers)
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as error:
        raise NoticeNotDelivered(type(error).__name__) from error


def _escaped(text: str) -> str:
    """Escape the three characters that Slack interprets."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

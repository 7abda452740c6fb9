"""The steps at each provider, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Guide:
    """The steps of one provider: what to get there, where to paste it, and which secret we generate."""

    fetch: tuple[Any, ...]
    paste: tuple[Any, ...]
    own_secret: str = ""  # the secret that we generate and give to the provider
    own_secret_label: Any = ""
    header: str = ""  # the header in which the provider sends it back


# The name of each test step on the page.
STEPS = {
    "signature": _("Signature"),
    "parse": _("Body"),
    "route": _("Route"),
    "handlers": _("Handler"),
    "outbox": _("Outbox"),
    "connection": _("Connection"),
    "registration": _("Registration"),
    "secrets": _("Secrets"),
}
GUIDES = {
    "meta": Guide(
        fetch=(
            _("In Meta's app dashboard: an app of the type Business with the product WhatsApp."),
            _("A system user's permanent token with whatsapp_business_messaging and whatsapp_business_management."),
            _("The app secret: App settings, Basic."),
            _("The WhatsApp Business Account id: WhatsApp, API setup."),
        ),
        paste=(
            _("App dashboard, WhatsApp, Configuration: paste the webhook address and the verify token, and verify."),
            _("Subscribe to the field messages, and to smb_message_echoes if the owner writes on their own phone."),
            _("Or let the desk do it: press “Register the webhook”."),
        ),
        own_secret="verify_token",  # noqa: S106 - a name
        own_secret_label=_("verify token"),
    ),
    "dialog360": Guide(
        fetch=(_("In the 360dialog Hub: the number, then API key."),),
        paste=(
            _("Make a webhook secret here: 360dialog signs nothing, so this header is the proof."),
            _("Press “Register the webhook”: the desk tells 360dialog the address and the header."),
        ),
        own_secret="webhook_secret",  # noqa: S106 - a name
        own_secret_label=_("webhook secret"),
        header="X-Webhook-Secret",
    ),
    "evolution": Guide(
        fetch=(
            _("On the Evolution server: an instance; its name is the channel's external id."),
            _("The instance's API key. The server's address is set by the operator with setup_channel."),
        ),
        paste=(
            _("Make a webhook secret here."),
            _("Press “Register the webhook”, or paste address and header into the instance's webhook settings."),
            _("Link the phone: on the channel's page, “Fetch a new QR code”."),
        ),
        own_secret="webhook_secret",  # noqa: S106 - a name
        own_secret_label=_("webhook secret"),
        header="X-Webhook-Secret",
    ),
    "twilio": Guide(
        fetch=(_("In Twilio's console: account SID and auth token, and a WhatsApp sender or the sandbox."),),
        paste=(
            _("The sender's “When a message comes in”: paste the webhook address, method POST."),
            _("Twilio signs exactly this address: it must stand there as it stands here."),
        ),
    ),
    "imessage": Guide(
        fetch=(_("A Photon bridge on a Mac; its address is set by the operator with setup_channel."),),
        paste=(_("Make a webhook secret here."), _("Give the bridge the webhook address and the secret.")),
        own_secret="webhook_secret",  # noqa: S106 - a name
        own_secret_label=_("webhook secret"),
        header="X-Webhook-Secret",
    ),
}

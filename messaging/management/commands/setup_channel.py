"""Create or update a channel."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging import services as messaging
from messaging.models import Channel
from messaging.providers import PROVIDERS
from messaging.providers.base import ProviderError
from messaging.queries import webhook_url
from messaging.services.channels import SetupError
from tenants.models import Tenant


def _default(provider: str, attribute: str) -> str:
    """Return the value of the setting that a provider names, "" when it names none."""
    setting = getattr(PROVIDERS.get(provider), attribute, "")
    return str(getattr(settings, setting)) if setting else ""


def _owners(provider: str) -> list[str]:
    """Return the owner named in the settings, when it is the first channel of its provider."""
    owner = _default(provider, "owner_setting")
    is_first = not Channel.objects.filter(provider=provider).exists()
    return [owner.removeprefix("whatsapp:")] if owner and is_first else []


def credential(text: str) -> tuple[str, str]:
    """Split `name=value`; raises ArgumentTypeError."""
    name, separator, value = text.partition("=")
    if not separator or not name or not value:
        raise ArgumentTypeError("write it as name=value")
    return name, value


class Command(BaseCommand):
    help = "Create a channel, or change what is given of an existing one. The last line of output is JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="the tenant's slug")
        parser.add_argument("--provider", required=True, help=", ".join(PROVIDERS))
        parser.add_argument("--name", required=True, help="how operators call the channel")
        parser.add_argument(
            "--external-id",
            help="phone number id, instance name, number or address, as the provider has it; default: "
            "WHATSAPP_PHONE_NUMBER_ID or TWILIO_WA_NUMBER",
        )
        parser.add_argument(
            "--credential", action="append", type=credential, default=[], metavar="NAME=VALUE", help="may be repeated"
        )
        parser.add_argument(
            "--owner",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="the owner's private number (repeatable)",
        )
        parser.add_argument("--register", action="store_true", help="tell the provider where to post webhooks")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']}: run setup_tenant first")
        try:
            channel = messaging.set_up_channel(
                tenant=tenant,
                provider=options["provider"],
                name=options["name"],
                external_id=options["external_id"] or _default(options["provider"], "external_id_setting"),
                credentials=dict(options["credential"]),
                owners=options["owner"] or _owners(options["provider"]),
            )
        except SetupError as error:
            raise CommandError(str(error)) from None
        if options["register"]:
            self._register(channel)
        facts = {"id": channel.pk, "token": channel.token, "webhook_url": webhook_url(channel)}
        self.stdout.write(json.dumps(facts))

    def _register(self, channel: Any) -> None:
        try:
            self.stdout.write(messaging.register_webhook(channel=channel))
        except ProviderError as error:
            raise CommandError(f"the channel is saved, but its webhook is not registered: {error.reason}") from None

"""Create or update a tenant."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assistant import services as assistant
from assistant.models import ModelProvider
from tenants import services as tenants


class Command(BaseCommand):
    help = "Create a tenant, or change what is given of an existing one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True, help="short name, such as clinic")
        parser.add_argument("--name", required=True, help="the business's name")
        parser.add_argument("--timezone", help="IANA name, such as America/Sao_Paulo (default UTC)")
        parser.add_argument("--language", help="en, pt, es or ro (default en)")
        parser.add_argument("--system-prompt", help="how the assistant is to speak")
        parser.add_argument("--llm-provider", choices=ModelProvider.values, help="default: LLM_PROVIDER")
        parser.add_argument("--llm-model", help="default: the provider's current small model")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tenant = tenants.set_up_tenant(
                slug=options["slug"],
                name=options["name"],
                timezone=options["timezone"],
                language=options["language"],
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        assistant.set_up_profile(
            tenant=tenant,
            system_prompt=options["system_prompt"],
            provider=options["llm_provider"],
            model=options["llm_model"],
        )
        self.stdout.write(f"tenant {tenant.slug} ({tenant.name}) is ready, id {tenant.pk}")

"""Make a key for a program."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants import services as tenants
from tenants.declarations import SCOPES
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Make an API key. A live key of the same name is replaced. The last word of output is the key, shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="the tenant's slug")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument("--scopes", required=True, help=f"* or some of {','.join(SCOPES)}")
        parser.add_argument(
            "--approvers", default="", help="names of approvers whom it speaks for with decisions:write"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']}: run setup_tenant first")
        scopes, approvers = _words(options["scopes"]), _words(options["approvers"])
        try:
            _, key = tenants.create_api_key(tenant=tenant, name=options["name"], scopes=scopes, approvers=approvers)
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Keep this key, it is shown only now: {key}")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]

"""Make or set the secret that signs a tenant's decisions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants import services as tenants
from tenants.models import Tenant


class Command(BaseCommand):
    help = (
        "Make a new signing secret for a tenant's decisions and hand-offs, or set one. The one before signs too for a "
        "while. The last word of output is the secret, shown once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="the tenant's slug")
        parser.add_argument("--set", default="", dest="given", help="one that the core service has already")
        parser.add_argument("--hours", type=float, default=24, help="how long the one before signs too; default 24")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']}: run setup_tenant first")
        if options["hours"] < 0:
            raise CommandError("--hours must not be negative")
        try:
            row = tenants.rotate_signing_secret(
                tenant=tenant, by="signing_secret", secret=options["given"], hours=options["hours"]
            )
        except ValueError as error:
            raise CommandError(f"--set: {error}") from None
        self.stdout.write(f"Give this secret to the core service, it is shown only now: {row.secret}")

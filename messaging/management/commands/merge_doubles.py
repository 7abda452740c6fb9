"""Merge contacts that are one person with two spellings of a number."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging import services as messaging
from tenants.models import Tenant


class Command(BaseCommand):
    help = (
        "Find contacts whose numbers are one number in two spellings (Brazil's ninth digit, Mexico's 521 and so on), "
        "and say what would be merged. With --apply it is done; each merge can be undone under Contact merges."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", help="only this tenant's (slug)")
        parser.add_argument("--apply", action="store_true", help="merge; without it nothing is changed")

    def handle(self, *args: Any, tenant: str | None, apply: bool, **options: Any) -> None:
        rows = Tenant.objects.order_by("slug")
        if tenant is not None:
            rows = rows.filter(slug=tenant)
            if not rows:
                raise CommandError(f"there is no tenant {tenant}")
        done = "merged" if apply else "would be merged"
        merged = left = 0
        for row in rows:
            for double in messaging.merge_doubles(tenant=row, by="merge_doubles", is_dry_run=not apply):
                said = f"NOT merged: {double.why_not}" if double.why_not else done
                self.stdout.write(f"{row.slug}: contact {double.other} into contact {double.kept}: {said}")
                merged, left = merged + (not double.why_not), left + bool(double.why_not)
        self.stdout.write(f"{merged} {done}, {left} left as they are{'' if apply else '; --apply merges'}")

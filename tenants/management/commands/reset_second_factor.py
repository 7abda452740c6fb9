"""Take the second factor of somebody who lost it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.models import User
from tenants.second_factor import remove_factor


class Command(BaseCommand):
    help = "Take away the second factor of a user, and end their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"there is no user {username}")
        if not remove_factor(user=user, by="command"):
            raise CommandError(f"{username} has no second factor")
        self.stdout.write(f"{username} logs in without a second factor now")

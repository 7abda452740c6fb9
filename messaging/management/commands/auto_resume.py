"""Resume conversations whose pause has expired."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from messaging import services as messaging


class Command(BaseCommand):
    help = "Resume every paused session whose time is up (RESUME_AFTER_HOURS, or the time given with the pause)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Auto-resumed {messaging.auto_resume()} sessions")

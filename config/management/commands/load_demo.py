"""Load the demo business."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import demo, demo_large


class Command(BaseCommand):
    help = "Make the demo business with a line on every wire; what is there already stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--simulator", type=Path, help="write the channels' secrets here for the simulator")
        parser.add_argument(
            "--scale",
            choices=["small", "large"],
            default="small",
            help="large: also a second business with 100,000 sessions and 2,000,000 messages; takes minutes and 2 GB",
        )

    def handle(self, *args: Any, simulator: Path | None, scale: str, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("the demo business does not belong into production")
        tenant, password = demo.load_demo()
        if simulator is not None:
            demo.write_simulator_config(simulator, demo.simulator_config(tenant))
        if password:
            self.stdout.write(f"The back office's first login, shown only now: admin / {password}")
        if scale == "large":
            _, is_new = demo_large.load_large_demo()
            self.stdout.write(f"The business {demo_large.SLUG} {'is loaded' if is_new else 'was there already'}.")

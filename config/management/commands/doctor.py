"""Report what is wrong with the installation and how to mend it."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.finding import ERROR, OK, WARNING, Finding
from common.text.redaction import redact
from config import doctor

MARKS = {OK: "ok     ", WARNING: "warning", ERROR: "ERROR  "}


class Command(BaseCommand):
    help = (
        "Look through settings, database, broker, workers, clock, secrets and channels; sign a fake webhook for each "
        "channel and follow it. Exit code 1 when something is broken."
    )
    requires_system_checks: list[str] = []  # it must run on a broken installation

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs: {ok, findings: [...]}")
        parser.add_argument("--no-network", action="store_true", help="do not ask the providers")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        logging.disable()  # errors are reported as findings, and --json must print JSON only
        try:
            for finding in doctor.find_problems(network=not options["no_network"]):
                findings.append(finding)
                if not options["json"]:
                    self._tell(finding)
        finally:
            logging.disable(logging.NOTSET)
        broken = [finding for finding in findings if finding.status == ERROR]
        if options["json"]:
            page = {"ok": not broken, "findings": [asdict(finding) for finding in findings]}
            self.stdout.write(json.dumps(page, indent=1, ensure_ascii=False))
        else:
            self.stdout.write(f"{len(broken)} broken" if broken else "nothing is broken")
        if broken:
            sys.exit(1)

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(f"{MARKS[finding.status]}  {finding.check}: {redact(finding.message)}")
        if finding.mend and finding.status != OK:
            self.stdout.write(f"         -> {finding.mend}")

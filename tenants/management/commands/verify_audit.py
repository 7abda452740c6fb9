"""Check that no row of the audit was changed, deleted or put in past the product."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.audit import AuditReport, chain_name, verify

HEAD = re.compile(r"^(\d+):(\d+):([0-9a-f]{64})$")


class Command(BaseCommand):
    help = (
        "Check every chain of the audit. Exit code 0: all well; 1: something was changed, deleted or put in;"
        " 3: well, but entries have waited for their seal for more than a minute (the clock does not run)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object, for programs")
        parser.add_argument(
            "--head", action="append", default=[], metavar="CHAIN:PLACE:DIGEST",
            help="a head noted elsewhere, as printed by this command; may be given several times",
        )  # fmt: skip

    def handle(self, *args: Any, head: list[str], **options: Any) -> None:
        matches = [HEAD.match(one) for one in head]
        if not all(matches):
            raise CommandError("--head looks like 3:1041:9f2b... (64 characters), as this command prints it")
        noted = [(int(found[1]), int(found[2]), found[3]) for found in matches if found]
        report = verify(noted=noted)
        if options["json"]:
            self.stdout.write(json.dumps(_facts(report)))
        else:
            self._tell(report)
        if report.findings or report.is_late:
            sys.exit(1 if report.findings else 3)

    def _tell(self, report: AuditReport) -> None:
        for chain, (position, digest) in sorted(report.heads.items()):
            self.stdout.write(f"{chain_name(chain)}: {position} entries, head {chain}:{position}:{digest}")
        if report.unknown_keys:
            self.stdout.write(f"{report.unknown_keys} entries were proven with a key that is gone: chain checked alone")
        self.stdout.write(f"{report.unsealed} entries wait for their seal{' for too long' if report.is_late else ''}")
        for finding in report.findings:
            self.stdout.write(self.style.ERROR(finding))
        self.stdout.write("broken" if report.findings else "unbroken")


def _facts(report: AuditReport) -> dict[str, Any]:
    heads = {chain_name(chain): f"{chain}:{position}:{digest}" for chain, (position, digest) in report.heads.items()}
    return {
        "findings": report.findings, "heads": heads, "unsealed": report.unsealed, "is_late": report.is_late,
        "unknown_keys": report.unknown_keys,
    }  # fmt: skip

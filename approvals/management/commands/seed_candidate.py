"""Submit sample candidates to a running installation, and follow them to their decisions."""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.http.client import HttpError, operator_client
from tenants.models import Tenant
from tenants.services import create_api_key

SAMPLES = [
    ("Post for Friday", "Open late this Friday: until 21:00. Walk in, no appointment needed."),
    ("Reply to a review", "Thank you, Ana! We are glad the new chair is comfortable. See you in spring."),
    ("Discount for March", "Ten per cent off every cleaning in March, for patients who bring a friend."),
    ("Holiday notice", "We are closed on 24 and 25 December. In an emergency call +1 555 010 0100."),
]
POLL_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Post sample candidates to a running installation and follow them to the decision. Exit code 1 when one was "
        "not decided in time, or the installation refused it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="", help="address of the installation; default: PUBLIC_URL")
        parser.add_argument("--key", default="", help="an API key with candidates:read and candidates:write")
        parser.add_argument(
            "--tenant", default="demo", help="without --key: make one for this tenant of the database here"
        )
        parser.add_argument("--count", type=int, default=1, metavar="N", help="how many; default 1")
        parser.add_argument(
            "--approver", action="append", default=[], metavar="NAME", help="who may answer (repeatable)"
        )
        parser.add_argument("--channel", default="", help="whatsapp, imessage, or a provider such as meta")
        parser.add_argument("--minutes", type=float, default=30, help="until the deadline; default 30")
        parser.add_argument(
            "--wait", type=float, default=600, metavar="SECONDS", help="how long to follow; default 600"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["count"] <= 10_000:
            raise CommandError("--count must be 1 to 10000")
        caller = _Caller(
            (options["url"] or settings.PUBLIC_URL).rstrip("/"), options["key"] or _make_key(options["tenant"])
        )
        waiting = {}
        for number in range(options["count"]):
            row = caller.call("POST", "candidates", _sample(number, options))
            waiting[row["id"]] = row
            self.stdout.write(f"#{row['short_id'].upper()} {row['title']}: asked of {', '.join(row['approvers'])}")
        left = self._follow(caller, waiting, options["wait"])
        if left:
            raise CommandError(f"{len(left)} of {options['count']} are not decided yet")
        self.stdout.write("all are decided")

    def _follow(self, caller: _Caller, waiting: dict[int, dict[str, Any]], seconds: float) -> dict[int, dict[str, Any]]:
        until = time.monotonic() + seconds
        while waiting and time.monotonic() < until:
            for pk in list(waiting):
                row = caller.call("GET", f"candidates/{pk}")
                if row["decision"] is not None:
                    del waiting[pk]
                    told = row["callback"]["state"] if row["callback"] else "nobody is told"
                    decision = row["decision"]
                    self.stdout.write(
                        f"#{row['short_id'].upper()} {decision['decision']} by {decision['by']} via {decision['via']}; "
                        f"callback: {told}"
                    )
            time.sleep(POLL_SECONDS if waiting else 0)
        return waiting


class _Caller:
    """A client of the installation's API."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one request; raises CommandError with the error of the installation."""
        headers = {"Authorization": f"Bearer {self.key}"}
        if body is not None:
            headers["Idempotency-Key"] = uuid.uuid4().hex
        try:
            answer = operator_client().request(method, f"{self.url}/api/{path}", headers=headers, json=body)
        except HttpError as error:
            raise CommandError(f"{self.url} does not answer: {error}") from None
        try:
            found: dict[str, Any] = answer.json()
        except ValueError:
            raise CommandError(f"{self.url} answers {answer.status}, and not as this product does") from None
        if answer.status == 429:
            time.sleep(float(answer.headers.get("retry-after", "1")))
            return self.call(method, path, body)
        if answer.status >= 300:
            raise CommandError(f"{answer.status}: {found.get('detail', found)}")
        return found


def _sample(number: int, options: dict[str, Any]) -> dict[str, Any]:
    title, text = SAMPLES[number % len(SAMPLES)]
    body: dict[str, Any] = {
        "title": title if number < len(SAMPLES) else f"{title} ({number + 1})", "body": text,
        "deadline_minutes": options["minutes"], "metadata": {"sample": number + 1},
        "external_id": f"sample-{uuid.uuid4().hex[:12]}",
    }  # fmt: skip
    body |= {"approvers": options["approver"]} if options["approver"] else {}
    return body | ({"channel": options["channel"]} if options["channel"] else {})


def _make_key(slug: str) -> str:
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"there is no tenant {slug} here: give --key")
    scopes = ["candidates:read", "candidates:write"]
    return create_api_key(tenant=tenant, name="seed_candidate", scopes=scopes, by="seed_candidate")[1]

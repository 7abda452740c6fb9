"""The lists and pages that people and programs read most, and what one request of each costs.

`python -m benchmarks.list_routes ROUNDS` asks them in this process, in the environment it is given, and prints JSON.
Each is asked once while everything is cold, then `ROUNDS` times for other sessions.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from benchmarks.report import percentile
from benchmarks.yardstick import Pages

TENANT = "large"
ADMIN = "/admin/messaging"
PAGE, MAX_PAGES = 50, 200  # of a list in the admin


@dataclass(frozen=True)
class Route:
    """`{session}` is any session, `{busy}` one with 400 messages, `{name}` and `{phone}` belong to somebody.

    `{last}` is the number of the last page, `{before}` a place in the middle of the inbox.
    """

    name: str
    path: str
    skip: int = 0  # follow `next` so many times first


# A new list is a line here.
ROUTES = (
    Route("API sessions", "/api/sessions"),
    Route("API sessions, page 21", "/api/sessions", skip=20),
    Route("API sessions, paused", "/api/sessions?is_paused=true"),
    Route("API messages", "/api/sessions/{session}/messages"),
    Route("API messages of a long session", "/api/sessions/{busy}/messages?limit=200"),
    Route("inbox", "/admin/inbox/"),
    Route("inbox, waits for a person", "/admin/inbox/?view=wants_person"),
    Route("inbox, failed", "/admin/inbox/?view=failed"),
    Route("inbox, one channel", "/admin/inbox/?channel={channel}"),
    Route("inbox, one label", "/admin/inbox/?label={label}"),
    Route("inbox, search a name", "/admin/inbox/?q={name}"),
    Route("inbox, search a frequent word", "/admin/inbox/?q=appointment"),
    Route("inbox, older ones", "/admin/inbox/more/?before={before}"),
    Route("inbox, a look when something is new", "/admin/inbox/live/"),
    Route("session", f"{ADMIN}/conversation/{{session}}/change/"),
    Route("session, long", f"{ADMIN}/conversation/{{busy}}/change/"),
    Route("session, what is known of the person", f"{ADMIN}/conversation/{{busy}}/side/"),
    Route("session, a look when something is new", f"{ADMIN}/conversation/{{busy}}/live/?since=1"),
    Route("dashboard", "/admin/"),
    Route("incidents", "/admin/incidents/"),
    Route("incidents, messages", "/admin/incidents/?kind=messaging.message"),
    Route("kill switches", "/admin/switches/"),
    Route("admin sessions", f"{ADMIN}/conversation/"),
    Route("admin sessions, last page", f"{ADMIN}/conversation/?p={{last}}"),
    Route("admin sessions, paused", f"{ADMIN}/conversation/?paused_at__isempty=0"),
    Route("admin sessions, search a name", f"{ADMIN}/conversation/?q={{name}}"),
    Route("admin sessions, search a number", f"{ADMIN}/conversation/?q={{phone}}"),
    Route("admin messages", f"{ADMIN}/message/"),
    Route("admin messages, needing a person", f"{ADMIN}/message/?stuck=any"),
    Route("admin messages, search a name", f"{ADMIN}/message/?q={{name}}"),
    Route("admin contacts, search a name", f"{ADMIN}/contact/?q={{name}}"),
    Route("admin contacts", f"{ADMIN}/contact/"),
)
BETWEEN = 3  # pages of Django's own admin after each route: what the routes are compared with


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one route cost; milliseconds inside Django, with its queries."""

    name: str
    queries: int
    cold: float
    p50: float
    p95: float
    bytes: int


class Reader:
    """A member and a program of the large business, asking in this process."""

    def __init__(self, seed: int = 1) -> None:
        from django.test import Client

        from messaging.models import Channel, Contact, Conversation, ConversationLabel, Label
        from tenants.models import Member, Role, Tenant, User
        from tenants.services import create_api_key

        tenant = Tenant.objects.get(slug=TENANT)
        self.key = create_api_key(tenant=tenant, name="benchmark", scopes=["sessions:read"])[1]
        user, _ = User.objects.get_or_create(username="benchmark", defaults={"is_staff": True})
        Member.objects.get_or_create(tenant=tenant, user=user, defaults={"role": Role.MANAGER})
        self.client = Client(headers={"X-Tenant": TENANT})
        self.client.cookies["fd_zone"] = "Europe/Lisbon"  # as every browser tells it
        self.client.force_login(user)
        # The ids of the large demo follow each other, and every hundredth session is a long one.
        rows = Conversation.objects.of(tenant).order_by("pk")
        self.first, self.count = rows[0].pk, rows.count()
        self.contact = Contact.objects.of(tenant).order_by("pk")[0].pk
        self.channels = list(Channel.objects.of(tenant).values_list("pk", flat=True))
        self.label, _ = Label.objects.get_or_create(tenant=tenant, name="benchmark")
        worn = [
            ConversationLabel(tenant=tenant, conversation_id=self.first + number * 20, label=self.label)
            for number in range(min(500, self.count // 20))
        ]
        ConversationLabel.objects.bulk_create(worn, ignore_conflicts=True)
        middle = rows.exclude(last_message_at=None)[self.count // 2]
        self.before = quote(f"{middle.last_message_at.isoformat()}_{middle.pk}")
        self.random = random.Random(seed)
        self.queries = 0

    def path(self, route: Route) -> str:
        """The address of a route with somebody's ids in it."""
        from messaging.models import Contact

        number = self.random.randrange(self.count)
        name = ""
        if "{name}" in route.path:
            name = Contact.objects.get(pk=self.contact + number).name.replace(" ", "+")
        path = route.path.format(
            session=self.first + number,
            busy=self.first + number // 100 * 100,
            name=name,
            phone=15550000000 + number,
            last=min(MAX_PAGES, self.count // PAGE),
            channel=self.random.choice(self.channels),
            label=self.label.pk,
            before=self.before,
        )
        for _ in range(route.skip):
            path = json.loads(self.get(path).content)["next"]
        return path

    def get(self, path: str) -> Any:
        """Ask, as the program for the API and as the member for pages; raises when it is not answered."""
        headers = {"Authorization": f"Bearer {self.key}"} if "/api/" in path else {}
        answer = self.client.get(path, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:200]!r}")
        return answer

    def timed(self, path: str) -> tuple[float, int, int]:
        """Milliseconds, queries and bytes of one request."""
        from django.db import connection

        self.queries = 0
        with connection.execute_wrapper(self._count):
            started = time.perf_counter()
            answer = self.get(path)
            took = (time.perf_counter() - started) * 1000
        return took, self.queries, len(answer.content)

    def _count(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


def costs(rounds: int, routes: tuple[Route, ...] = ROUTES) -> tuple[list[Cost], float]:
    """Ask every route once, cold, and then `rounds` times; the costs, and a page of Django's own admin in ms."""
    from reports.services import roll_up

    reader = Reader()
    cold = {route.name: reader.timed(reader.path(route)) for route in routes}
    roll_up()  # the clock does it; the dashboard reads what it has added up
    runs: dict[str, list[tuple[float, int, int]]] = {}
    shown: list[float] = []
    with Pages() as pages:
        for route in routes:
            runs[route.name] = [reader.timed(reader.path(route)) for _ in range(rounds)]
            shown += [pages.shown() for _ in range(BETWEEN)]
    return [_cost(name, cold[name], made) for name, made in runs.items()], statistics.median(shown)


def _cost(name: str, cold: tuple[float, int, int], runs: list[tuple[float, int, int]]) -> Cost:
    times = [run[0] for run in runs]
    return Cost(
        name=name,
        queries=max(run[1] for run in [cold, *runs]),
        cold=round(cold[0], 1),
        p50=round(percentile(times, 50), 1),
        p95=round(percentile(times, 95), 1),
        bytes=max(run[2] for run in runs),
    )


def main() -> int:
    """Measure in the environment given."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from config.freeze_memory import freeze_loaded_code

    freeze_loaded_code()  # as each web process does
    found, page = costs(int(sys.argv[1]))
    print(json.dumps({"costs": [asdict(cost) for cost in found], "page": page}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

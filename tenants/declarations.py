"""What an app declares about itself in its `apps.py`: rights, scopes, jobs, webhook events, side bar, personal data.

Django creates the configurations of all apps before it imports any model, so whoever reads these tables later finds
them complete. Everything is plain data; services are named by their dotted path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from tenants.roles import Role

VIEWER, AGENT, MANAGER, OWNER = Role.VIEWER, Role.AGENT, Role.MANAGER, Role.OWNER
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, kw_only=True)
class Rights:
    """The least role for each action on a kind of rows; None leaves it to the operator of the installation."""

    models: tuple[str, ...] = ()  # names of models of the app
    see: Role | None = None
    act: Role | None = None  # the buttons of a page: pause, retry, revoke
    edit: Role | None = None
    add: Role | None = None
    delete: Role | None = None


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """A service to run, and how often (seconds) or at which time of the day (hour, minute).

    The time is in UTC. With `in_tenant_zone` it is each tenant's own, and the service is called with `tenant`, once a
    day and tenant.
    """

    service: str | Callable[..., int]  # returns how many rows it changed
    every_seconds: int = 24 * 3600
    at: tuple[int, int] | None = None
    weekday: str = ""  # one of WEEKDAYS; "": every day
    in_tenant_zone: bool = False

    def __post_init__(self) -> None:
        if self.weekday and self.weekday not in WEEKDAYS:
            raise ImproperlyConfigured(f"{self.weekday} is no weekday")
        if (self.weekday or self.in_tenant_zone) and self.at is None:
            raise ImproperlyConfigured("a weekday and a tenant's zone need a time of the day")

    def run(self, **arguments: Any) -> int:
        """Call the service and return how many rows it changed."""
        service = import_string(self.service) if isinstance(self.service, str) else self.service
        return int(service(**arguments))


@dataclass(frozen=True, kw_only=True)
class SidebarEntry:
    """A page in the side bar of the back office; models that are not declared stand under "Behind the scenes"."""

    model: str  # the name of a model of the app
    group: str  # one of config.sidebar.GROUPS
    icon: str
    place: int  # the order within the group


RESOURCES: dict[str, Rights] = {}
SCOPES: dict[str, tuple[str, ...]] = {}
JOBS: dict[str, ScheduledJob] = {}
WEBHOOK_EVENTS: dict[str, str] = {}
SIDEBAR: list[SidebarEntry] = []
PERSONAL_DATA: list[str] = []


class DeclaredApp(AppConfig):
    """The configuration of an app of ours, with what it declares."""

    default = False  # Django chooses the subclass that stands in an app's `apps.py`
    rights: ClassVar[Mapping[str, Rights]] = {}  # by resource
    more_models: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # models of this app under a resource of a lower app
    # The rights that each scope of an API key contains; every right that a method of the API needs is in one scope.
    scopes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    jobs: ClassVar[Mapping[str, ScheduledJob]] = {}
    webhook_events: ClassVar[Mapping[str, str]] = {}  # what tenants' endpoints can be notified of, with what it means
    sidebar: ClassVar[tuple[SidebarEntry, ...]] = ()
    personal_data: ClassVar[str] = ""  # the module that exports and erases what the app stores of a person

    def __init_subclass__(cls) -> None:
        cls.default = True

    def __init__(self, app_name: str, app_module: Any) -> None:
        super().__init__(app_name, app_module)
        declare(self)


def declare(app: DeclaredApp) -> None:
    """Add what an app declares to the tables; raises ImproperlyConfigured for a name that another app has declared."""
    rights = {name: replace(each, models=_labels(app, each.models)) for name, each in app.rights.items()}
    tables: list[tuple[dict[str, Any], Mapping[str, Any]]] = [
        (RESOURCES, rights),
        (SCOPES, app.scopes),
        (JOBS, app.jobs),
        (WEBHOOK_EVENTS, app.webhook_events),
    ]
    for table, declared in tables:
        if twice := sorted(table.keys() & declared.keys()):
            raise ImproperlyConfigured(f"{app.name} declares {', '.join(twice)}, which another app has declared")
        table.update(declared)
    for resource, models in app.more_models.items():
        known = RESOURCES[resource]
        RESOURCES[resource] = replace(known, models=(*known.models, *_labels(app, models)))
    SIDEBAR.extend(replace(entry, model=f"{app.label}.{entry.model}") for entry in app.sidebar)
    if app.personal_data:
        PERSONAL_DATA.append(app.personal_data)


def _labels(app: AppConfig, models: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{app.label}.{model}" for model in models)

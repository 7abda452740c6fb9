import logging
import threading
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin.apps import AdminConfig as DjangosAdminConfig
from django.db.models import Model
from django.utils.module_loading import autodiscover_modules, import_string

from common import env
from common.backoffice.names import translate_names
from tenants.declarations import DeclaredApp, ScheduledJob

logger = logging.getLogger("frontdesk.start")


class AdminConfig(DjangosAdminConfig):
    """Django's admin with our site."""

    default_site = "config.site.BackOfficeSite"


class FrontdeskConfig(DeclaredApp):
    """Connects the parts; the only app that names all others."""

    name = "config"
    jobs = {"sweep": ScheduledJob(service="common.work.relay.sweep", every_seconds=5)}

    def ready(self) -> None:
        from config import sentry
        from config.celery import app  # makes it Celery's default application

        autodiscover_modules("tasks")
        translate_names(own_models())
        from config.schedule import beat_schedule

        app.conf.beat_schedule = beat_schedule()
        logging.captureWarnings(settings.APP_ENV != "test")
        threading.excepthook = _thread_died
        for hint in env.hints.values():
            logger.warning("setting_hint", extra={"hint": hint})
        if settings.SABOTAGE:
            import_string("chaos.sabotage.apply")(settings.SABOTAGE)
        sentry.start_sentry(settings.SENTRY_DSN, release=settings.VERSION, environment=settings.APP_ENV)


def own_models() -> list[type[Model]]:
    """Return the models of Frontdesk itself, without those of libraries."""
    return [model for model in apps.get_models() if Path(model._meta.app_config.path).parent == settings.BASE_DIR]


def _thread_died(death: Any) -> None:
    if death.exc_type is SystemExit:
        return
    logger.critical(
        "thread_died",
        extra={"thread": death.thread.name if death.thread else ""},
        exc_info=(death.exc_type, death.exc_value, death.exc_traceback),
    )

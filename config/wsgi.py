"""The web application, for gunicorn."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.shared_metrics import share

share()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - counters first

application = get_wsgi_application()

"""The web application, for gunicorn."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.shared_metrics import use_shared_files

use_shared_files()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - counters first

application = get_wsgi_application()

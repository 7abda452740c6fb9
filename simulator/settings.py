"""Django settings of the simulator's own process: no database, no middleware, nothing to configure."""

import os
from pathlib import Path

BASE = Path(__file__).resolve().parent

SECRET_KEY = "simulator-only-not-a-secret"  # noqa: S105  nothing is signed with it
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "simulator.urls"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [BASE / "templates"]}]
TIME_ZONE = "UTC"
USE_TZ = True
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024 * 1024  # Evolution carries media as base64 in JSON
LOGGING_CONFIG = None

SIMULATOR_CONFIG = os.environ.get("SIMULATOR_CONFIG", "var/simulator.json")
SIMULATOR_URL = os.environ.get("SIMULATOR_URL", "http://127.0.0.1:8001")

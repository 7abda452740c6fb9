"""Settings of the Django process itself."""

from contextlib import suppress
from pathlib import Path

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from common import env

BASE_DIR = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"

APP_ENV = {"prod": "production", "dev": "development"}.get(
    env.text("APP_ENV", "production"), env.text("APP_ENV", "production")
)
if APP_ENV not in {"production", "development", "test"}:
    raise env.SettingError("APP_ENV must be production, development or test")
IS_PRODUCTION = APP_ENV == "production"
DEBUG = False

SECRET_KEY = env.text("SECRET_KEY", "" if IS_PRODUCTION else "development-only-secret-key-of-frontdesk")
PORT = env.integer("PORT", 8000, least=1)
PUBLIC_URL = env.url("PUBLIC_URL", "" if IS_PRODUCTION else f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if IS_PRODUCTION else "*")
SIMULATOR_URL = "" if IS_PRODUCTION else env.url("SIMULATOR_URL")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "tenants.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["config.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGES = [("en", "English"), ("pt-br", "Português (Brasil)"), ("es", "Español"), ("ro", "Română")]

INSTALLED_APPS = [
    "config.apps.FrontdeskConfig",
    "unfold.apps.BasicAppConfig",
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "rest_framework_api_key",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "common",
    "tenants",
    "messaging",
    "privacy",
    "assistant",
    "approvals",
    "alerts",
    "reminders",
    "reports",
]

MIDDLEWARE = [
    "common.middleware.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "common.page_policies.PagePolicies",
    "config.entry_middleware.WebhookMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.entry_middleware.AllowedHostsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.viewer_language.ViewerLanguageMiddleware",
    "tenants.viewer_zone.ViewerZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.entry_middleware.AdminNetworksMiddleware",
    "tenants.second_factor_middleware.SecondFactorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
with suppress(OSError):  # a read-only image has it already
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = env.text("MEDIA_ROOT", str(BASE_DIR / "var" / "media"))

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC_URL.startswith("https://") else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
# After half a day the password is asked again; closing the browser does not log out, a new password does.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
# How long a link to choose a password is valid.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# One day: long enough to protect, short enough to undo. Redirecting to TLS is the proxy's task.
SECURE_HSTS_SECONDS = 24 * 3600 if IS_PRODUCTION else 0
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
# The webhook view checks the size of bodies, because it knows each provider's limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

UNFOLD = {
    "SITE_TITLE": "Frontdesk",
    "SITE_HEADER": "Frontdesk",
    "SITE_SYMBOL": "support_agent",
    # Without an icon in the page, browsers request /favicon.ico and log a 404.
    "SITE_FAVICONS": [{"rel": "icon", "href": "data:,"}],
    "ACCOUNT": {
        "navigation": [
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
            {"title": _("Second factor"), "link": reverse_lazy("second-factor")},
        ]
    },
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": reverse_lazy("language")},
    "SIDEBAR": {"navigation": "config.sidebar.navigation"},
    "DASHBOARD_CALLBACK": "reports.admin.dashboard.context",
    "GLOBAL_CALLBACK": "config.sidebar.header_context",
    "STYLES": ["config.sidebar.stylesheet"],
    "SCRIPTS": ["config.sidebar.script"],
}

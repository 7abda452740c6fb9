"""Access: keys, throttles, browsers, networks."""

import ipaddress

from corsheaders.defaults import default_headers

from common import env

from .server import PUBLIC_URL, VERSION


def _networks(name: str) -> list[str]:
    networks = env.words(name)
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise env.SettingError(f"{name} must hold networks such as 10.0.0.0/8, separated by commas") from None
    return networks


ADMIN_API_KEY = env.text("ADMIN_API_KEY")
CRON_SECRET = env.text("CRON_SECRET")
METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_ALLOWED_NETWORKS = _networks("METRICS_ALLOWED_NETWORKS")
ADMIN_ALLOWED_NETWORKS = _networks("ADMIN_ALLOWED_NETWORKS")
REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR", False)
WEBHOOK_RATE_PER_SECOND = env.integer("WEBHOOK_RATE_PER_SECOND", 300, least=1)
OUTBOUND_ALLOWED_HOSTS = env.words("OUTBOUND_ALLOWED_HOSTS")

CORS_ALLOWED_ORIGINS = env.words("CORS_ORIGINS")
CORS_ALLOW_CREDENTIALS = True
CSRF_TRUSTED_ORIGINS = [origin for origin in (PUBLIC_URL, *CORS_ALLOWED_ORIGINS) if "://" in origin]
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-none-match", "x-tenant", "x-request-id"]
CORS_EXPOSE_HEADERS = [
    "ETag", "Idempotent-Replayed", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After",
    "WWW-Authenticate", "X-Request-ID",
]  # fmt: skip

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.callers.KeyAuthentication", "tenants.callers.MemberSession"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.callers.HasRight"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["tenants.callers.KeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"key": env.text("API_RATE", "600/min")},
    "EXCEPTION_HANDLER": "tenants.problems.handle_exception",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_SCHEMA_CLASS": "tenants.openapi.Schema",
}

SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Frontdesk",
    "VERSION": VERSION,
    "DESCRIPTION": "Sessions, contacts, channels and knowledge of a front desk, and signed webhooks out of it.",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "tenants.links.add_links"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # This installation serves everything the page needs; no validator badge from elsewhere.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "displayRequestDuration": True},
}

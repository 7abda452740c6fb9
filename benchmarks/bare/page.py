"""A page of Django's own admin: 50 of 500 rows in eight columns, from a table in memory.

`python -m benchmarks.bare.page` shows one for each line that it is given, and prints how many milliseconds it took.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from django.conf import settings

PEOPLE = 500
COLUMNS = ("username", "email", "first_name", "last_name", "is_staff", "is_active", "date_joined", "last_login")
APPS = ("admin", "auth", "contenttypes", "messages", "staticfiles")
CONTEXT = ("django.template.context_processors.request", "django.contrib.auth.context_processors.auth")

urlpatterns: list[Any] = []  # filled when Django is set up


def page() -> Any:
    """Set Django up, fill the table, and return a function that shows the page."""
    settings.configure(
        SECRET_KEY="only-for-the-benchmark",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[f"django.contrib.{name}" for name in APPS],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": CONTEXT},
            }
        ],
        ROOT_URLCONF=__name__,
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    import django

    django.setup()
    from django.contrib import admin
    from django.contrib.auth.models import Group, Permission, User
    from django.contrib.contenttypes.models import ContentType
    from django.db import connection
    from django.test import RequestFactory
    from django.urls import path
    from django.utils import timezone

    now = timezone.now()
    with connection.schema_editor() as editor:
        for model in (ContentType, Permission, Group, User):
            editor.create_model(model)
    User.objects.bulk_create(
        User(
            username=f"user{n}", email=f"user{n}@example.test", first_name=f"First {n}", last_name=f"Last {n}",
            last_login=now,
        )
        for n in range(PEOPLE)
    )  # fmt: skip

    class People(admin.ModelAdmin):
        list_display = COLUMNS
        list_filter = ("is_staff", "is_active")
        search_fields = ("username",)
        list_per_page = 50

    site = admin.AdminSite()
    site.register(User, People)
    urlpatterns.append(path("admin/", site.urls))
    someone = User(pk=PEOPLE + 1, username="someone", is_superuser=True, is_staff=True)

    def show() -> bytes:
        request = RequestFactory().get("/admin/auth/user/")
        request.user = someone
        answer: Any = site.get_model_admin(User).changelist_view(request)
        return bytes(answer.render().content)

    return show


def main() -> int:
    """Show a page for each line of the input, until it ends."""
    show = page()
    if show().count(b"@example.test") != 50:
        raise RuntimeError("the page does not show fifty people")
    for _ in sys.stdin:
        started = time.perf_counter()
        show()
        print((time.perf_counter() - started) * 1000, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

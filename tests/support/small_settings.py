"""The settings of the product with one more app: the second of the two places that a new app touches."""

from config.settings import *  # noqa: F403 - all of them
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support.small_app"]

"""Memory that stays."""

import subprocess
import sys
from pathlib import Path

# In a process of its own: what is frozen stays so.
TOLD = """
import gc, django
django.setup()
from config.freeze_memory import freeze_loaded_code
freeze_loaded_code()
from django.urls import get_resolver
print(gc.get_freeze_count(), len(gc.get_objects()), "urlconf_module" in vars(get_resolver()))
"""


def test_what_a_web_process_has_loaded_is_out_of_the_collectors_sight():
    done = subprocess.run(
        [sys.executable, "-c", TOLD],
        cwd=Path(__file__).resolve().parents[2],
        env={"DJANGO_SETTINGS_MODULE": "config.settings", "APP_ENV": "test"},
        capture_output=True,
        text=True,
        check=True,
    )

    frozen, seen, has_pages = done.stdout.split()
    assert int(frozen) > 20 * int(seen)
    assert has_pages == "True"

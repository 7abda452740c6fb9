#!/usr/bin/env python
"""Runs Django's management commands; `bin/manage` does the same in the environment of `bin/dev`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)

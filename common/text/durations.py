"""Lengths of time as text for people."""

from __future__ import annotations

from django.utils.translation import gettext as _


def format_duration(seconds: float) -> str:
    """Format seconds as one number and one unit."""
    if seconds < 90:
        return _("%(count)d s") % {"count": max(0, round(seconds))}
    if seconds < 90 * 60:
        return _("%(count)d min") % {"count": round(seconds / 60)}
    if seconds < 48 * 3600:
        return _("%(count)d h") % {"count": round(seconds / 3600)}
    return _("%(count)d d") % {"count": round(seconds / 86400)}

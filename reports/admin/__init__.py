"""Admin pages over all rows: dashboard and incidents, and the figures they read."""

from reports.admin import figures

__all__ = ["figures"]

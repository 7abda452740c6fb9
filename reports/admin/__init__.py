"""The operators' pages that look over everything: dashboard and incidents; and the figures they read."""

from reports.admin import figures

__all__ = ["figures"]

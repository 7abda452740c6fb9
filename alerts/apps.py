from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """What the people of the desk are told by themselves: incidents, and customers who wait for a person."""

    name = "alerts"

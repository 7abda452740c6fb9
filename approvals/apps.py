from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Candidates of the core service, the owner's decision by message, the signed callback."""

    name = "approvals"

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    """Candidates of the core service, the owner's decision by message, the signed callback."""

    name = "approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        from approvals.approver_rows import ApproverRows
        from tenants.approver_lookup import register

        register(ApproverRows())

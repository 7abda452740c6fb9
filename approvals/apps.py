from django.utils.translation import gettext_lazy as _

from tenants.declarations import AGENT, MANAGER, OWNER, VIEWER, DeclaredApp, Rights, ScheduledJob, SidebarEntry


class ApprovalsConfig(DeclaredApp):
    """Candidates of the core service, the owner's decision by message, the signed callback."""

    name = "approvals"
    verbose_name = _("Approvals")
    rights = {
        # The core service asks with a key; a member decides only as the approver that is linked to them.
        "candidates": Rights(
            models=(
                "Candidate",
                "CandidateApprover",
                "Question",
                "ShownCandidate",
                "Timer",
                "AskQueue",
                "Revision",
                "Vote",
                "TrailEntry",
            ),
            see=VIEWER,
            act=MANAGER,
            add=MANAGER,
        ),
        "decisions": Rights(see=VIEWER, act=AGENT),
        # Whoever sets which login, number or key decides as an approver could decide as all of them: owners only.
        "approvers": Rights(models=("Approver", "ApproverAddress"), see=VIEWER, edit=OWNER, add=OWNER),
        "policies": Rights(models=("Policy",), see=VIEWER, edit=OWNER, add=OWNER, delete=OWNER),
    }
    scopes = {
        "candidates:read": ("candidates.see", "approvers.see"),
        "candidates:write": ("candidates.add", "candidates.act"),
        "decisions:write": ("decisions.act",),
    }
    jobs = {
        "approval-deadlines": ScheduledJob(service="approvals.services.run_due_timers", every_seconds=10),
        "forget-approvals": ScheduledJob(service="approvals.services.delete_old_candidates", at=(3, 50)),
    }
    webhook_events = {
        "approval.decided": "A candidate was approved, rejected, cancelled, or has expired.",
        "approval.question": "An approver asks back before deciding.",
    }
    sidebar = (
        SidebarEntry(model="Candidate", group="Desk", icon="checklist", place=80),
        SidebarEntry(model="Approver", group="Set-up", icon="how_to_reg", place=40),
        SidebarEntry(model="Policy", group="Set-up", icon="rule", place=50),
    )
    personal_data = "approvals.personal_data"

    def ready(self) -> None:
        from approvals.approver_rows import ApproverRows
        from tenants.approver_lookup import register

        register(ApproverRows())

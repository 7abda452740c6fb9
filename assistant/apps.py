from django.utils.translation import gettext_lazy as _

from tenants.declarations import AGENT, MANAGER, VIEWER, DeclaredApp, Rights, SidebarEntry


class AssistantConfig(DeclaredApp):
    """Language models, prompt, tools, replies, budget, n8n."""

    name = "assistant"
    verbose_name = _("Assistant")
    rights = {
        "facts": Rights(models=("Fact",), see=VIEWER, edit=MANAGER, delete=AGENT),
        "turns": Rights(models=("Turn", "TurnStep", "Handoff"), see=VIEWER, act=AGENT),
        "spend": Rights(models=("Spend",), see=VIEWER),
        "knowledge": Rights(models=("KnowledgeEntry",), see=VIEWER, edit=MANAGER, add=MANAGER, delete=MANAGER),
        # Any agent proposes, on the page of a session or by the API; a manager approves.
        "proposals": Rights(models=("KnowledgeProposal",), see=VIEWER, act=MANAGER, add=AGENT),
        "assistant": Rights(models=("AssistantProfile",), see=VIEWER, edit=MANAGER, add=MANAGER),
    }
    more_models = {
        "messages": ("Transcription",),
    }
    scopes = {
        "knowledge:read": ("knowledge.see", "proposals.see"),
        "knowledge:write": ("knowledge.add", "knowledge.edit", "knowledge.delete", "proposals.add", "proposals.act"),
    }
    sidebar = (
        SidebarEntry(model="KnowledgeEntry", group="Assistant", icon="menu_book", place=10),
        SidebarEntry(model="AssistantProfile", group="Assistant", icon="tune", place=20),
        SidebarEntry(model="Fact", group="Assistant", icon="lightbulb", place=30),
        SidebarEntry(model="Turn", group="Assistant", icon="psychology", place=40),
        SidebarEntry(model="Spend", group="Assistant", icon="payments", place=50),
    )

    def ready(self) -> None:
        from assistant import services
        from assistant.models import Turn
        from common.work.acts import register_acts

        register_acts(Turn, retry=lambda turn, by: services.answer_again(turn=turn))

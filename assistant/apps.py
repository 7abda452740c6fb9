from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssistantConfig(AppConfig):
    """Language models, prompt, tools, the reply itself, budget, n8n hand-off."""

    name = "assistant"
    verbose_name = _("Assistant")

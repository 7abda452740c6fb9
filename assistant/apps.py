from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssistantConfig(AppConfig):
    """Language models, prompt, tools, replies, budget, n8n."""

    name = "assistant"
    verbose_name = _("Assistant")

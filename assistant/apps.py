from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """Language models, prompt, tools, the reply itself, budget, n8n hand-off."""

    name = "assistant"

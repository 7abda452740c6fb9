from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssistantConfig(AppConfig):
    """Language models, prompt, tools, replies, budget, n8n."""

    name = "assistant"
    verbose_name = _("Assistant")

    def ready(self) -> None:
        from assistant import services
        from assistant.models import Turn
        from common.work.acts import register_acts

        register_acts(Turn, retry=lambda turn, by: services.answer_again(turn=turn))

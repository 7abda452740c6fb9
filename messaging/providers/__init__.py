"""All providers by name. A new provider takes one file and one entry here."""

from messaging.providers.base import Provider
from messaging.providers.dialog360 import Dialog360
from messaging.providers.evolution import Evolution
from messaging.providers.imessage import IMessage
from messaging.providers.meta import Meta
from messaging.providers.twilio import Twilio

PROVIDERS: dict[str, Provider] = {
    provider.name: provider for provider in (Meta(), Dialog360(), Evolution(), Twilio(), IMessage())
}

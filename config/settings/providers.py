"""Providers: addresses, and the credentials of the first channel of each."""

from common import env

# Meta
META_GRAPH_URL = env.url("META_GRAPH_URL", "https://graph.facebook.com")
WHATSAPP_API_VERSION = env.text("WHATSAPP_API_VERSION", "v21.0")
WHATSAPP_VERIFY_TOKEN = env.text("WHATSAPP_VERIFY_TOKEN")
WHATSAPP_APP_SECRET = env.text("WHATSAPP_APP_SECRET")
WHATSAPP_ACCESS_TOKEN = env.text("WHATSAPP_ACCESS_TOKEN")
WHATSAPP_PHONE_NUMBER_ID = env.text("WHATSAPP_PHONE_NUMBER_ID")
# 360dialog
DIALOG360_URL = env.url("DIALOG360_URL", "https://waba-v2.360dialog.io")
WHATSAPP_API_KEY = env.text("WHATSAPP_API_KEY")
WHATSAPP_WEBHOOK_SECRET = env.text("WHATSAPP_WEBHOOK_SECRET")
# Evolution
EVOLUTION_SERVER_URL = env.url("EVOLUTION_SERVER_URL")
EVOLUTION_API_KEY = env.text("EVOLUTION_API_KEY")
EVOLUTION_WEBHOOK_SHARED_SECRET = env.text("EVOLUTION_WEBHOOK_SHARED_SECRET")
# Twilio
TWILIO_API_URL = env.url("TWILIO_API_URL", "https://api.twilio.com")
TWILIO_MESSAGING_URL = env.url("TWILIO_MESSAGING_URL", "https://messaging.twilio.com")
TWILIO_CONTENT_URL = env.url("TWILIO_CONTENT_URL", "https://content.twilio.com")
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN")
TWILIO_WA_NUMBER = env.text("TWILIO_WA_NUMBER")
OWNER_WA_NUMBER = env.text("OWNER_WA_NUMBER")
# iMessage
PHOTON_BASE_URL = env.url("PHOTON_BASE_URL")
PHOTON_API_KEY = env.text("PHOTON_API_KEY")
PHOTON_TO = env.text("PHOTON_TO")
PHOTON_WEBHOOK_SECRET = env.text("PHOTON_WEBHOOK_SECRET")
# Language models
LLM_PROVIDER = env.text("LLM_PROVIDER", "offline")
LLM_MODEL = env.text("LLM_MODEL")
LLM_FALLBACK = env.words("LLM_FALLBACK")
LLM_MAX_TOKENS = env.integer("LLM_MAX_TOKENS", 1024, least=1)
LLM_TIMEOUT = env.number("LLM_TIMEOUT", 20, least=1)
ANTHROPIC_API_KEY = env.text("ANTHROPIC_API_KEY")
ANTHROPIC_BASE_URL = env.url("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_BASE_URL = env.url("OPENAI_BASE_URL", "https://api.openai.com/v1")
AZURE_OPENAI_API_KEY = env.text("AZURE_OPENAI_API_KEY")
AZURE_OPENAI_ENDPOINT = env.url("AZURE_OPENAI_ENDPOINT")
AZURE_OPENAI_DEPLOYMENT = env.text("AZURE_OPENAI_DEPLOYMENT")
AZURE_OPENAI_API_VERSION = env.text("AZURE_OPENAI_API_VERSION")
TRANSCRIPTION_MODEL = env.text("TRANSCRIPTION_MODEL", "gpt-4o-mini-transcribe")
if LLM_PROVIDER not in {"offline", "anthropic", "openai", "azure"}:
    raise env.SettingError("LLM_PROVIDER must be offline, anthropic, openai or azure")
# n8n
N8N_ENABLED = env.flag("N8N_ENABLED")
N8N_WEBHOOK_URL = env.url("N8N_WEBHOOK_URL")
N8N_API_KEY = env.text("N8N_API_KEY")
N8N_TIMEOUT = env.number("N8N_TIMEOUT", 30)
N8N_RETRY_SECONDS = env.number("N8N_RETRY_SECONDS", 2)
N8N_DEADLINE_SECONDS = env.number("N8N_DEADLINE_SECONDS", 45)

"""A captured text of each wire."""

TEXT = {
    "meta": "meta/text.json",
    "dialog360": "dialog360/webhook_text.json",
    "evolution": "evolution/upsert_text.json",
    "twilio": "twilio/wa_text.json",
    "imessage": "photon/webhook_new_message.json",
}

"""The sentences for approvers, by key; other languages stand in the catalogues."""

from __future__ import annotations

from common.text.marks import customer_text

SENTENCES: dict[str, str] = {
    "urgent": customer_text("❗ Urgent"),
    "new_text": customer_text("Your new text. Approve it?"),
    "until": customer_text("{id} · until {at}"),
    "how": customer_text('Answer yes or no, "edit: new text", or "? your question".'),
    "button_approve": customer_text("Approve"),
    "button_reject": customer_text("Reject"),
    "digest": customer_text("{count} decisions wait for you:"),
    "digest_how": customer_text(
        'Answer in one line: "1,3 yes 2 no", "skip 3", "2 edit: new text". ALL approves all of '
        "these; a number alone shows one whole."
    ),
    "long": customer_text("(write its number to read it all)"),
    "more": customer_text("… and {count} more after these."),
    "approved": customer_text("✅ {id} approved: {title}"),
    "rejected": customer_text("❌ {id} rejected: {title}"),
    "chosen": customer_text("✅ {id} {option}: {title}"),
    "expired": customer_text("⌛ {id} has expired, your answer changes nothing: {title}"),
    "over": customer_text("{id} was decided already ({status}, {by}): {title}"),
    "closing": customer_text("{id} is settled ({status}, {by}), nothing to do: {title}"),
    "counted": customer_text("👍 {id}: your yes counts, {left} more needed: {title}"),
    "again": customer_text("{id}: you have answered this one already."),
    "not_you": customer_text("You are not one of those who decide this."),
    "unclear": customer_text("I did not understand that, so nothing was decided."),
    "which": customer_text("Which one? Nothing was decided."),
    "read_first": customer_text("Please read {id} whole before you decide:"),
    "skipped": customer_text("{id} stays open."),
    "question": customer_text("Your question about {id} was passed on; it stays open."),
    "reply": customer_text("Answer to your question about {id}: {text}"),
    "no_edit": customer_text(
        "{id} cannot be edited here: several people, or one of several options, decide it as it is."
    ),
    "too_long": customer_text("That text is too long: up to {count} characters."),
    "nothing": customer_text("Nothing waits for you."),
    "status_approved": customer_text("approved"),
    "status_rejected": customer_text("rejected"),
    "status_expired": customer_text("expired"),
    "status_cancelled": customer_text("withdrawn"),
    "by_clock": customer_text("no answer in time"),
}

"""Reasons that messages store and operators read, listed here for the catalogues (common.text.reasons)."""

from django.utils.translation import gettext_noop as _

REASONS = (
    _("paused"),
    _("a person of the business had answered"),
    _("the customer changed the question"),
    _("the contact opted out"),
    _("the contact opted out after this was written"),
    _("it may have been sent already: look at the customer's chat, then decide"),
    _("sending is switched off for this installation"),
    _("sending is switched off for this tenant"),
    _("sending is switched off for this channel"),
    _("the channel has a problem"),
    _("the reply window is closed and the channel has no template to reopen it"),
    _("held too long to be sent late"),
    _("the provider failed it after accepting it"),
    _("could not be sent in time"),
    _("this tenant"),
    _("this channel"),
)

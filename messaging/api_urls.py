"""Addresses of the API of sessions, contacts and channels, below /api/."""

from django.urls import path

from messaging.api import channels, contacts, desk, messages, sessions

urlpatterns = [
    path("sessions", sessions.Sessions.as_view()),
    path("sessions/<int:pk>", sessions.Session.as_view()),
    path("sessions/<int:pk>/pause", sessions.PauseSession.as_view()),
    path("sessions/<int:pk>/resume", sessions.ResumeSession.as_view()),
    path("sessions/<int:pk>/assign", sessions.AssignSession.as_view()),
    path("sessions/<int:pk>/snooze", sessions.SnoozeSession.as_view()),
    path("sessions/<int:pk>/close", sessions.CloseSession.as_view()),
    path("sessions/<int:pk>/reopen", sessions.ReopenSession.as_view()),
    path("sessions/<int:pk>/read", sessions.ReadSession.as_view()),
    path("sessions/<int:pk>/labels", desk.SessionLabels.as_view()),
    path("sessions/<int:pk>/labels/<int:label>", desk.SessionLabel.as_view()),
    path("sessions/<int:pk>/notes", messages.Notes.as_view()),
    path("sessions/<int:pk>/messages", messages.Messages.as_view()),
    path("sessions/<int:pk>/messages/<int:message>", messages.OneMessage.as_view()),
    path("sessions/<int:pk>/messages/<int:message>/file", messages.MessageFile.as_view()),
    path("sessions/<int:pk>/messages/<int:message>/cancel", messages.CancelMessage.as_view()),
    path("sessions/<int:pk>/messages/<int:message>/send-again", messages.SendAgain.as_view()),
    path("members", sessions.Members.as_view()),
    path("contacts", contacts.Contacts.as_view()),
    path("contacts/<int:pk>", contacts.OneContact.as_view()),
    path("contacts/<int:pk>/addresses", contacts.Addresses.as_view()),
    path("contacts/<int:pk>/merge", contacts.MergeContacts.as_view()),
    path("contacts/<int:pk>/unmerge", contacts.UnmergeContacts.as_view()),
    path("contacts/<int:pk>/merges", contacts.Merges.as_view()),
    path("channels", channels.Channels.as_view()),
    path("channels/<int:pk>", channels.OneChannel.as_view()),
    path("channels/<int:pk>/templates", channels.Templates.as_view()),
    path("instances/<str:name>/test-webhook", channels.TestWebhook.as_view()),
    path("labels", desk.Labels.as_view()),
    path("labels/<int:pk>", desk.OneLabel.as_view()),
    path("replies", desk.Replies.as_view()),
    path("replies/<int:pk>", desk.Reply.as_view()),
]

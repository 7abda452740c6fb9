"""Addresses of the API of approvals, below /api/."""

from django.urls import path

from approvals import api

urlpatterns = [
    path("candidates", api.Candidates.as_view()),
    path("candidates/<int:pk>", api.OneCandidate.as_view()),
    path("candidates/<int:pk>/cancel", api.Cancel.as_view()),
    path("candidates/<int:pk>/decide", api.Decide.as_view()),
    path("candidates/<int:pk>/reply", api.ReplyToQuestion.as_view()),
    path("approvers", api.Approvers.as_view()),
]

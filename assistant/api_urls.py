"""Addresses of the API of the assistant, below /api/."""

from django.urls import path

from assistant import api, api_proposals

urlpatterns = [
    path("knowledge", api.KnowledgeEntries.as_view()),
    path("knowledge/<int:pk>", api.OneKnowledgeEntry.as_view()),
    path("knowledge/proposals", api_proposals.Proposals.as_view()),
    path("knowledge/proposals/<int:proposal>", api_proposals.OneProposal.as_view()),
    path("knowledge/proposals/<int:proposal>/approve", api_proposals.ApproveProposal.as_view()),
    path("knowledge/proposals/<int:proposal>/reject", api_proposals.RejectProposal.as_view()),
]

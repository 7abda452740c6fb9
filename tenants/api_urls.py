"""Addresses of the API of tenants, below /api/."""

from django.urls import path

from tenants import api, api_pages, api_signing, api_webhooks

urlpatterns = [
    path("schema", api_pages.Description.as_view(), name="schema"),
    path("docs", api_pages.Viewer.as_view()),
    path("keys", api.Keys.as_view()),
    path("keys/<slug:prefix>", api.Key.as_view()),
    path("tenants", api.Tenants.as_view()),
    path("tenants/<int:pk>", api.OneTenant.as_view()),
    path("signing-secret", api_signing.Signing.as_view()),
    path("webhooks", api_webhooks.Endpoints.as_view()),
    path("webhooks/<int:pk>", api_webhooks.Endpoint.as_view()),
    path("webhooks/<int:pk>/rotate", api_webhooks.RotateSecret.as_view()),
    path("webhooks/<int:pk>/test", api_webhooks.TestEndpoint.as_view()),
    path("webhooks/<int:pk>/replay", api_webhooks.ReplayRange.as_view()),
    path("webhooks/<int:pk>/deliveries", api_webhooks.Deliveries.as_view()),
    path("webhooks/<int:pk>/deliveries/<int:delivery>", api_webhooks.DeliveryDetail.as_view()),
    path("webhooks/<int:pk>/deliveries/<int:delivery>/replay", api_webhooks.ReplayDelivery.as_view()),
]

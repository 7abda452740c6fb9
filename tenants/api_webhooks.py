"""The API of webhooks out: endpoints, their log, sending again."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import api_examples
from tenants import services as tenants
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.api_fields import (
    CountOut,
    DeliveryOut,
    DeliveryQuery,
    EndpointChange,
    EndpointIn,
    EndpointOut,
    EndpointSecretOut,
    ReplayIn,
    RotateIn,
)
from tenants.models import WebhookDelivery, WebhookEndpoint
from tenants.problems import Conflict

NEEDS = {"GET": "webhooks.see", "POST": "webhooks.act", "PATCH": "webhooks.edit", "DELETE": "webhooks.act"}


class Endpoints(TenantView):  # GET, POST /api/webhooks
    """Where the tenant is told of events."""

    needs = NEEDS | {"POST": "webhooks.add"}

    @describe("List webhook endpoints", gives=EndpointOut, is_page=True, answer=api_examples.ENDPOINT)
    def get(self, request: Request) -> Response:
        return self.paginated(WebhookEndpoint.objects.of(self.tenant), ("id",), EndpointOut)

    @describe(
        "Add a webhook endpoint",
        takes=EndpointIn,
        gives=EndpointSecretOut,
        status=201,
        creates=True,
        example=api_examples.NEW_ENDPOINT,
        answer=api_examples.ENDPOINT_WITH_SECRET,
    )
    def post(self, request: Request) -> Response:
        wanted = self.validated_body(EndpointIn)
        _check(wanted)
        return self.create_once(lambda: self._create(wanted), shown_once=("secret",))

    def _create(self, wanted: dict[str, Any]) -> Response:
        try:
            endpoint = tenants.create_endpoint(tenant=self.tenant, by=self.actor, **wanted)
        except tenants.TooManyEndpoints as error:
            raise Conflict(str(error)) from None
        return Response(EndpointSecretOut(endpoint).data, status=201)


class EndpointView(TenantView):
    """Base of the views of one endpoint."""

    needs = NEEDS

    def endpoint(self, pk: int) -> WebhookEndpoint:
        """Return the tenant's endpoint with this id, or raise 404."""
        rows = WebhookEndpoint.objects.of(self.tenant).select_related("tenant")
        row: WebhookEndpoint = get_object_or_404(rows, pk=pk)
        return row


class Endpoint(EndpointView):  # GET, PATCH, DELETE /api/webhooks/<pk>
    """One endpoint, without its secret."""

    @describe("Read a webhook endpoint", gives=EndpointOut, answer=api_examples.ENDPOINT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(EndpointOut(self.endpoint(pk)).data)

    @describe(
        "Change a webhook endpoint",
        takes=EndpointChange,
        gives=EndpointOut,
        problems=(409,),
        example={"event_types": ["message.received"], "is_enabled": True},
        answer=api_examples.ENDPOINT,
    )
    def patch(self, request: Request, pk: int) -> Response:
        endpoint = self.endpoint(pk)
        wanted = self.validated_body(EndpointChange, partial=True)
        if set(wanted) - {"is_enabled", "description"}:
            _refuse_callback(endpoint)
        _check(wanted)
        return Response(EndpointOut(tenants.change_endpoint(endpoint=endpoint, by=self.actor, **wanted)).data)

    @describe("Remove a webhook endpoint", status=204)
    def delete(self, request: Request, pk: int) -> Response:
        tenants.delete_endpoint(endpoint=self.endpoint(pk), by=self.actor)
        return Response(status=204)


class RotateSecret(EndpointView):  # POST /api/webhooks/<pk>/rotate
    """Make a new secret, shown once; the old one signs too for some hours."""

    @describe(
        "Rotate the secret of a webhook endpoint",
        takes=RotateIn,
        gives=EndpointSecretOut,
        problems=(409,),
        example={"hours": 24},
        answer=api_examples.ENDPOINT_WITH_SECRET,
    )
    def post(self, request: Request, pk: int) -> Response:
        endpoint, wanted = self.endpoint(pk), self.validated_body(RotateIn)
        _refuse_callback(endpoint)
        row = tenants.rotate_secret(endpoint=endpoint, by=self.actor, hours=wanted.get("hours", 24))
        return Response(EndpointSecretOut(row).data)


class TestEndpoint(EndpointView):  # POST /api/webhooks/<pk>/test
    """Tell this endpoint of an event of type webhook.test; the log says what came of it."""

    __test__ = False  # pytest must not collect it

    @describe("Send a test webhook", gives=DeliveryOut, status=201, creates=True, answer=api_examples.DELIVERY)
    def post(self, request: Request, pk: int) -> Response:
        endpoint = self.endpoint(pk)
        return self.create_once(lambda: self._send(endpoint))

    def _send(self, endpoint: WebhookEndpoint) -> Response:
        return Response(DeliveryOut(tenants.send_test(endpoint=endpoint, by=self.actor)).data, status=201)


class Deliveries(EndpointView):  # GET /api/webhooks/<pk>/deliveries
    """What an endpoint was told, or will be, the newest first."""

    @describe(
        "List webhook deliveries", gives=DeliveryOut, asks=DeliveryQuery, is_page=True, answer=api_examples.DELIVERY
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = deliveries_of(self.endpoint(pk))
        asked = self.validated_query(DeliveryQuery)
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        if "event_type" in asked:
            rows = rows.filter(event__type=asked["event_type"])
        return self.paginated(rows, ("-id",), DeliveryOut)


class DeliveryDetail(EndpointView):  # GET /api/webhooks/<pk>/deliveries/<delivery>
    """One delivery, with each try."""

    @describe("Read a webhook delivery", gives=DeliveryOut, answer=api_examples.DELIVERY)
    def get(self, request: Request, pk: int, delivery: int) -> Response:
        return Response(DeliveryOut(get_object_or_404(deliveries_of(self.endpoint(pk)), pk=delivery)).data)


class ReplayDelivery(EndpointView):  # POST /api/webhooks/<pk>/deliveries/<delivery>/replay
    """Send one delivery again, whether it arrived or not, under the same id."""

    @describe("Replay a webhook delivery", gives=DeliveryOut, problems=(409,), answer=api_examples.DELIVERY)
    def post(self, request: Request, pk: int, delivery: int) -> Response:
        rows = deliveries_of(self.endpoint(pk))
        row = get_object_or_404(rows, pk=delivery)
        if not tenants.replay_delivery(delivery=row, by=self.actor):
            raise Conflict("It is on its way already.")
        return Response(DeliveryOut(rows.get(pk=delivery)).data)


class ReplayRange(EndpointView):  # POST /api/webhooks/<pk>/replay
    """Send again what happened in a time: what failed, or all of it."""

    @describe("Replay a time range", takes=ReplayIn, gives=CountOut, example=api_examples.RANGE, answer={"count": 12})
    def post(self, request: Request, pk: int) -> Response:
        endpoint = self.endpoint(pk)
        return Response(
            {"count": tenants.replay_range(endpoint=endpoint, by=self.actor, **self.validated_body(ReplayIn))}
        )


def deliveries_of(endpoint: WebhookEndpoint) -> QuerySet:
    """Return an endpoint's log."""
    return WebhookDelivery.objects.filter(endpoint=endpoint).select_related("event", "tenant")


def _refuse_callback(endpoint: WebhookEndpoint) -> None:
    """Raise for the endpoint of a callback.

    Its address comes from the candidate, and its secret serves all callbacks.
    """
    if endpoint.is_callback:
        raise Conflict("It belongs to approvals: its secret is that of POST /api/signing-secret.")


def _check(wanted: dict[str, Any]) -> None:
    """Raise for an address that no webhook may go to; looks up the name, so it is called before any transaction."""
    try:
        if "url" in wanted:
            tenants.check_endpoint(wanted["url"])
    except ValueError as error:
        raise ValidationError({"url": [str(error)]}) from None

"""The API of channels; a channel's secrets are never shown."""

from __future__ import annotations

from dataclasses import asdict

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.text.numbers import parse_whole_number
from messaging.api import examples
from messaging.api.fields import ChannelOut
from messaging.api.more_fields import ChannelDetailOut, TemplateOut
from messaging.models import Channel, MessageTemplate
from messaging.services.webhook_test import run_webhook_test
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.models import Tenant

NEEDS = {"GET": "channels.see", "POST": "channels.act"}


class StepOut(serializers.Serializer):
    """One thing that was tried; the message says how to mend it."""

    step = serializers.CharField()
    ok = serializers.BooleanField()
    message = serializers.CharField()


class WebhookTestOut(serializers.Serializer):
    """What the test of a webhook found."""

    ok = serializers.BooleanField()
    channel = ChannelOut()
    steps = StepOut(many=True)


class Channels(TenantView):  # GET /api/channels
    """The lines of the business."""

    needs = NEEDS

    @describe("List channels", gives=ChannelDetailOut, is_page=True, answer=examples.CHANNEL_DETAIL)
    def get(self, request: Request) -> Response:
        return self.paginated(Channel.objects.of(self.tenant), ("id",), ChannelDetailOut)


class OneChannel(TenantView):  # GET /api/channels/<pk>
    """One line, and whether something is wrong with it."""

    needs = NEEDS

    @describe("Read a channel", gives=ChannelDetailOut, answer=examples.CHANNEL_DETAIL)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ChannelDetailOut(get_object_or_404(Channel.objects.of(self.tenant), pk=pk)).data)


class Templates(TenantView):  # GET /api/channels/<pk>/templates
    """What may be sent on a channel when the reply window is closed."""

    needs = {"GET": "templates.see"}

    @describe("List templates of a channel", gives=TemplateOut, is_page=True, answer=examples.TEMPLATE)
    def get(self, request: Request, pk: int) -> Response:
        channel = get_object_or_404(Channel.objects.of(self.tenant), pk=pk)
        return self.paginated(MessageTemplate.objects.of(self.tenant).filter(channel=channel), ("id",), TemplateOut)


class TestWebhook(TenantView):  # POST /api/instances/<name>/test-webhook
    """Try a channel's webhook from our side; `name` is its external id or its number."""

    __test__ = False  # pytest: this is no test
    needs = NEEDS

    @describe("Test the webhook of a channel", gives=WebhookTestOut, answer=examples.WEBHOOK_TEST)
    def post(self, request: Request, name: str) -> Response:
        channel = channel_named(self.tenant, name)
        found = run_webhook_test(channel=channel)
        steps = [asdict(step) for step in found.steps]
        return Response(WebhookTestOut({"ok": found.ok, "channel": channel, "steps": steps}).data)


def channel_named(tenant: Tenant, name: str) -> Channel:
    """Return the channel with this external id, or else with this number."""
    if "\x00" in name:
        raise Http404
    rows = Channel.objects.of(tenant).select_related("tenant")
    wanted = Q(external_id=name)
    if (pk := parse_whole_number(name)) is not None:
        wanted |= Q(pk=pk)
    found: list[Channel] = list(rows.filter(wanted).order_by("pk"))
    if not found:
        raise Http404
    return next((channel for channel in found if channel.external_id == name), found[0])

"""The page of kill switches: who may turn which, that holding wants a reason, and what every page then says."""

import pytest
from django.urls import reverse

from messaging.models import SwitchChange
from tenants.models import AuditEntry, OutboundSwitch, Role
from tests.support.backoffice import browser, turn_switch

pytestmark = pytest.mark.django_db


def page(client):
    return client.get(reverse("switches")).content.decode()


def test_a_line_is_held_with_a_reason_and_the_page_says_who_and_why(manager, channel):
    turn_switch(manager, channel, on=False, reason="phone is being replaced")

    channel.refresh_from_db()
    assert not channel.outbound_enabled
    shown = page(manager)
    assert "phone is being replaced" in shown
    assert "manager-of-clinic" in shown
    assert AuditEntry.objects.get(action="outbound_off").details == {"reason": "phone is being replaced"}


def test_holding_without_a_reason_changes_nothing(manager, root, channel, clinic):
    for client, row in ((manager, channel), (manager, clinic)):
        answer = turn_switch(client, row, on=False, reason="  ")
        row.refresh_from_db()
        assert row.outbound_enabled
        assert "Say why" in answer.content.decode()
    root.post(reverse("switches_turn"), {"switch": "installation", "on": "0", "reason": ""})

    assert not OutboundSwitch.objects.filter(is_on=False).exists()
    assert not SwitchChange.objects.exists()


def test_letting_out_needs_no_reason_and_turning_twice_is_noted_once(manager, clinic):
    turn_switch(manager, clinic, on=False)
    turn_switch(manager, clinic, on=True, reason="")
    turn_switch(manager, clinic, on=True, reason="")

    assert list(SwitchChange.objects.order_by("pk").values_list("is_on", "reason")) == [(False, "drill"), (True, "")]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_who_may_not_turn_a_switch_sees_it_all_the_same(role, clinic, channel):
    client = browser(clinic, role)

    assert channel.name in page(client)
    assert "switches/turn" not in page(client)
    assert turn_switch(client, channel, on=False).status_code == 404
    channel.refresh_from_db()
    assert channel.outbound_enabled


def test_a_switch_of_another_tenant_does_not_exist(salon, channel, clinic):
    stranger = browser(salon, Role.OWNER)

    assert clinic.name not in page(stranger)
    assert channel.name not in page(stranger)
    for key in (f"tenant-{clinic.pk}", f"channel-{channel.pk}", "channel-x", "what", "installation"):
        body = {"switch": key, "on": "0", "reason": "mischief"}
        assert stranger.post(reverse("switches_turn"), body).status_code == 404, key
    assert not SwitchChange.objects.exists()
    assert not OutboundSwitch.objects.exists()


def test_the_operator_stops_everything_and_each_member_reads_it_in_the_header(root, manager, channel):
    assert "switch-alarm" not in page(manager)

    root.post(reverse("switches_turn"), {"switch": "installation", "on": "0", "reason": "provider incident"})

    for address in (reverse("switches"), reverse("admin:index"), reverse("admin:messaging_message_changelist")):
        assert "switch-alarm" in manager.get(address).content.decode(), address
    assert "provider incident" in page(manager)


def test_the_header_names_only_the_members_own_switches(root, manager, channel, salon):
    turn_switch(root, salon, on=False)
    assert "switch-alarm" not in page(manager)

    turn_switch(manager, channel, on=False)
    assert "switch-alarm" in page(manager)
    assert salon.name not in page(manager)


def test_the_setting_that_holds_everything_is_named(manager, settings):
    settings.OUTBOUND_REPLY_ENABLED = False

    assert "OUTBOUND_REPLY_ENABLED" in page(manager)
    assert "switch-alarm" in page(manager)


def test_the_button_on_a_channels_page_leads_to_the_question_why(manager, channel):
    path = reverse("admin:messaging_channel_do", args=[channel.pk, "hold"])

    assert manager.post(path).url == f"{reverse('switches')}#channel-{channel.pk}"
    channel.refresh_from_db()
    assert channel.outbound_enabled


@pytest.mark.parametrize("lines", [1, 12])
def test_the_page_costs_the_same_however_many_lines(
    lines, manager, clinic, make_channel, django_assert_max_num_queries
):
    for number in range(lines):
        make_channel(clinic, "evolution", name=f"line {number}", external_id=f"line-{number}")

    with django_assert_max_num_queries(12):
        assert "line 0" in page(manager)

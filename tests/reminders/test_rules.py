"""Recurrence by the clock on the wall: RFC 5545's gap and overlap, in every zone, at every change until 2035."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from reminders.quiet_times import after_quiet_hours
from timewords.formatting import format_rule
from timewords.rules import BadRule, Schedule, clean_rule, local_time, to_utc

STEP = timedelta(days=6)  # shorter than any two changes of a zone lie apart


def changes(zone):
    """(moment, offset before, offset after) of every change of a zone's clock, 2024 to 2035."""
    moment, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    before = moment.astimezone(zone).utcoffset()
    while moment < end:
        later = moment + STEP
        after = later.astimezone(zone).utcoffset()
        if after != before:
            low, high = moment, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
            yield high.replace(microsecond=0), before, after
        moment, before = later, after


def test_f43_every_change_of_every_zone_behaves_as_calendars_do():
    """A time in the gap is an hour later, one that comes twice is the first; each day has it once."""
    seen, met = set(), 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        found = tuple(changes(zone))
        if not found or found in seen:  # many names are one clock
            continue
        seen.add(found)
        for moment, before, after in found:
            met += 1
            shift = after - before
            edge = (moment + before).replace(tzinfo=None)  # what the clock showed when it was changed
            wall = (edge + shift / 2).replace(microsecond=0)
            expected = (wall - before).replace(tzinfo=UTC)  # the offset before, in the gap and in the overlap
            assert to_utc(wall, name) == expected, (name, moment)
            if shift < timedelta(0):
                assert to_utc(wall, name, fold=1) == (wall - after).replace(tzinfo=UTC)
            daily = Schedule(first=wall - timedelta(days=2), zone=name, rule="FREQ=DAILY")
            times = list(islice(daily.after(to_utc(wall - timedelta(days=2), name) - timedelta(seconds=1)), 5))
            assert times == sorted(set(times)), (name, moment)
            assert expected in times, (name, moment)
            gaps = {later - earlier for earlier, later in pairwise(times)}
            assert gaps <= {timedelta(days=1), timedelta(days=1) + shift, timedelta(days=1) - shift}, (name, moment)
            days = [(wall - timedelta(days=2 - number)).date() for number in range(5)]
            assert len({local_time(one, name).date() for one in times} | set(days)) <= 6
            hourly = Schedule(first=wall - timedelta(hours=3), zone=name, rule="FREQ=HOURLY")
            hours = list(islice(hourly.after(expected - timedelta(hours=4)), 8))
            assert hours == sorted(set(hours)), (name, moment)
    assert met > 700
    assert len(seen) > 30


def test_f43_the_clock_of_sao_paulo_lisbon_and_bucharest():
    spring = Schedule(first=datetime(2026, 3, 28, 3, 30), zone="Europe/Bucharest", rule="FREQ=DAILY")
    assert [f"{one:%d %H:%M}" for one in islice(spring.after(datetime(2026, 3, 27, tzinfo=UTC)), 3)] == [
        "28 01:30", "29 01:30", "30 00:30",
    ]  # fmt: skip  # on the 29th there is no 03:30: it is 04:30
    autumn = Schedule(first=datetime(2026, 10, 24, 1, 30), zone="Europe/Lisbon", rule="FREQ=DAILY")
    assert [f"{one:%d %H:%M}" for one in islice(autumn.after(datetime(2026, 10, 23, tzinfo=UTC)), 3)] == [
        "24 00:30", "25 00:30", "26 01:30",
    ]  # fmt: skip  # on the 25th there are two 01:30: the first
    plain = Schedule(first=datetime(2026, 2, 28, 9), zone="America/Sao_Paulo", rule="FREQ=DAILY")
    assert {one.hour for one in islice(plain.after(datetime(2026, 1, 1, tzinfo=UTC)), 400)} == {12}


@pytest.mark.parametrize(
    ("rule", "zone", "first", "hours"),
    [
        ("FREQ=HOURLY", "America/Los_Angeles", datetime(2026, 11, 1), 1),
        ("FREQ=HOURLY;INTERVAL=8", "Europe/Lisbon", datetime(2026, 10, 24, 20), 8),
        ("FREQ=HOURLY;INTERVAL=3;COUNT=5", "Europe/Bucharest", datetime(2026, 3, 28, 22), 3),
    ],
)
def test_hours_are_counted_exactly_over_every_change_of_the_clock(rule, zone, first, hours):
    times = list(
        islice(Schedule(first=first, zone=zone, rule=rule).after(to_utc(first, zone) - timedelta(seconds=1)), 5)
    )

    assert times[0] == to_utc(first, zone)
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(hours=hours)}


def test_hours_that_a_rule_picks_are_those_of_the_wall():
    found = Schedule(first=datetime(2026, 11, 1, 8), zone="America/New_York", rule="FREQ=HOURLY;BYHOUR=9,17;BYDAY=MO")

    times = [local_time(one, "America/New_York") for one in islice(found.after(datetime(2026, 11, 1, tzinfo=UTC)), 3)]
    assert [f"{one:%a %H:%M}" for one in times] == ["Mon 09:00", "Mon 17:00", "Mon 09:00"]
    assert list(
        Schedule(first=datetime(2026, 11, 1, 22), zone="UTC", rule="FREQ=HOURLY", last_on=date(2026, 11, 1)).after(
            datetime(2026, 11, 1, tzinfo=UTC)
        )
    ) == [datetime(2026, 11, 1, 22, tzinfo=UTC), datetime(2026, 11, 1, 23, tzinfo=UTC)]


def test_f43_the_leap_day_comes_every_fourth_year():
    yearly = Schedule(first=datetime(2028, 2, 29, 9), zone="UTC", rule="FREQ=YEARLY")
    monthly = Schedule(first=datetime(2028, 1, 31, 9), zone="UTC", rule="FREQ=MONTHLY;BYMONTHDAY=-1")

    assert [one.year for one in islice(yearly.after(datetime(2026, 1, 1, tzinfo=UTC)), 3)] == [2028, 2032, 2036]
    assert [one.day for one in islice(monthly.after(datetime(2028, 1, 1, tzinfo=UTC)), 3)] == [31, 29, 31]


def test_a_rule_goes_on_in_its_own_step_however_long_ago_it_began():
    first = datetime(2001, 1, 2, 9)  # a Tuesday
    second_tuesdays = Schedule(first=first, zone="UTC", rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")

    found = second_tuesdays.next_after(datetime(2026, 11, 26, tzinfo=UTC))

    assert found is not None
    assert ((found.date() - first.date()).days % 14, found.weekday(), found.hour) == (0, 1, 9)
    assert second_tuesdays.next_after(found) == found + timedelta(days=14)


def test_an_end_by_day_or_by_count_ends_it():
    by_day = Schedule(first=datetime(2026, 1, 1, 9), zone="UTC", rule="FREQ=DAILY", last_on=date(2026, 1, 3))
    by_count = Schedule(first=datetime(2026, 1, 1, 9), zone="UTC", rule="FREQ=DAILY;COUNT=2")
    begin = datetime(2025, 12, 31, tzinfo=UTC)

    assert len(list(by_day.after(begin))) == 3
    assert len(list(by_count.after(begin))) == 2
    assert by_day.latest_until(datetime(2026, 1, 2, 12, tzinfo=UTC), after=begin) == datetime(2026, 1, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=SECONDLY", "FREQ must be one of"),
        ("WEEKLY", "Write the rule like"),
        ("FREQ=DAILY;FREQ=DAILY", "each part once"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "a day that never comes"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "goes with FREQ=MONTHLY"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "goes with FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY takes days"),
        ("FREQ=DAILY;COUNT=99999", "COUNT takes whole numbers"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL takes whole numbers"),
        ("FREQ=DAILY;X-ODD=1", "is not known here"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL takes a day"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_with_the_way_out(rule, why):
    with pytest.raises(BadRule, match=why):
        clean_rule(rule, first=datetime(2026, 1, 1, 9), zone="UTC")


def test_the_end_inside_a_rule_becomes_a_day_of_the_zone():
    rule, last_on = clean_rule(
        "RRULE:FREQ=DAILY;UNTIL=20270101T010000Z", first=datetime(2026, 1, 1, 9), zone="America/Sao_Paulo"
    )

    assert (rule, last_on) == ("FREQ=DAILY", date(2026, 12, 31))


def test_quiet_hours_put_off_to_their_end_over_midnight_too():
    night = (time(22), time(7, 30))
    late, early = datetime(2026, 11, 26, 23, tzinfo=UTC), datetime(2026, 11, 26, 6, tzinfo=UTC)

    assert after_quiet_hours(late, "UTC", *night) == datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
    assert after_quiet_hours(early, "UTC", *night) == datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
    assert after_quiet_hours(late.replace(hour=12), "UTC", *night) == late.replace(hour=12)
    assert after_quiet_hours(late.replace(hour=12), "UTC", time(11), time(13)) == late.replace(hour=13)


def test_quiet_hours_end_when_their_clock_time_is_over_also_when_it_comes_twice():
    # New York, 1 November 2026: 01:00 to 01:59 come twice; quiet until 01:30 means the second one.
    second = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)

    assert after_quiet_hours(second, "America/New_York", time(22), time(1, 30)) == second.replace(minute=30)


@pytest.mark.parametrize(
    ("until", "last_on"),
    [
        ("20261231T175959Z", date(2026, 12, 30)),
        ("20261231T180000Z", date(2026, 12, 31)),
        ("20261231T150000", date(2026, 12, 31)),
    ],
)
def test_the_moment_at_which_a_rule_ends_is_kept_to_the_minute(until, last_on):
    first = datetime(2026, 12, 1, 15)

    assert clean_rule(f"FREQ=DAILY;UNTIL={until}", first=first, zone="America/Sao_Paulo") == ("FREQ=DAILY", last_on)
    with pytest.raises(BadRule, match="several times a day"):
        clean_rule(f"FREQ=HOURLY;UNTIL={until}", first=first, zone="UTC")


def test_the_31st_comes_in_the_months_that_have_it_and_that_is_said():
    days = Schedule(first=datetime(2026, 1, 31, 9), zone="UTC", rule="FREQ=MONTHLY;BYMONTHDAY=31")
    found = [moment.month for moment in islice(days.after(datetime(2026, 1, 1, tzinfo=UTC)), 4)]

    assert found == [1, 3, 5, 7]
    assert format_rule("FREQ=MONTHLY;BYMONTHDAY=31", "en") == "every month, on day 31, in the months that have it"
    assert format_rule("FREQ=MONTHLY;BYDAY=-1FR", "pt") == "todo mês, sexta-feira (última do mês)"

"""JSON of providers: whatever it contains, the copy of it can be stored and parsed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.providers import _foreign

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@given(JSON)
def test_the_copy_can_be_stored(value):
    stored = json.dumps(_foreign.store_fields(value), allow_nan=False, ensure_ascii=False)

    assert "\\u0000" not in stored
    stored.encode()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b", "a?b"),
        (float("nan"), None),
        (float("-inf"), None),
        ({"\x00": ["\ud800"]}, {"\ufffd": ["?"]}),
        ({"key": {"secret": 1, "open": 2}}, {"key": {"open": 2}}),
    ],
)
def test_values_that_a_database_refuses_are_replaced(value, kept):
    assert _foreign.store_fields(value, without={"secret"}) == kept


def test_values_nested_too_deep_are_cut():
    deep = json.loads("[" * 200 + "]" * 200)

    assert json.dumps(_foreign.store_fields(deep)).count("[") == _foreign.DEPTH


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (7, 7),
        (7.9, 7),
        ("7", 7),
        ({"low": 48213, "high": 0, "unsigned": True}, 48213),
        ({"low": 2019500000, "high": 411}, 1767251058656),
        ({"low": -1, "high": 0}, 0xFFFFFFFF),
        ({"low": 1}, None),
        ({"low": 1, "high": 2**70}, None),
        ("-7", None),
        ("²", None),
        ("9" * 5000, None),
        (True, None),
        (float("nan"), None),
        (2**70, None),
        ([], None),
    ],
)
def test_numbers_in_all_forms_are_parsed(value, number):
    assert _foreign.number(value) == number


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1767225600, MOMENT),
        ("1767225600", MOMENT),
        (1767225600000, MOMENT),
        ("2026-01-01T00:00:00.000Z", MOMENT),
        ("2026-01-01T02:00:00+02:00", MOMENT),
        ("2026-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("yesterday", None),
        (0, None),
        (2**62, None),
        (None, None),
    ],
)
def test_times_in_all_forms_are_parsed(value, moment):
    assert _foreign.moment(value) == moment


def test_a_fingerprint_does_not_depend_on_the_order_of_keys():
    assert (
        _foreign.fingerprint({"a": 1, "b": 2})
        == _foreign.fingerprint({"b": 2, "a": 1})
        != _foreign.fingerprint({"a": 1})
    )

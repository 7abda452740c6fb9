"""Bodies that no provider sends: captured ones with values that are replaced or removed."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),  # with these the whole body would not be JSON
    st.text(max_size=8),
    st.sampled_from(["\ud800", "\x00", "@", "@lid", ":@g.us", "9" * 5000, "p:0/", "0001-01-01T00:00:00+05:00", "²"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["id", "low", "high", "message", "text"]), st.integers() | st.text(), max_size=2),
)


@st.composite
def mutated(draw: st.DrawFn, body: Any) -> Any:
    """Return `body` with one to three of its values replaced by odd ones or removed."""
    body = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(body))
        if not places:
            return draw(ODD)
        holder, name = draw(st.sampled_from(places))
        if isinstance(holder, dict) and draw(st.integers(0, 4)) == 0:
            del holder[name]
        else:
            holder[name] = draw(ODD)
    return body


def _places(value: Any) -> Any:
    """Return every place in a body that has a value."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in list(pairs):
            yield value, name
            yield from _places(inner)

"""The domain of payloads, for hypothesis: JSON with int64 integers, finite doubles and any key."""

from __future__ import annotations

from hypothesis import strategies as st

INT64 = st.integers(-(2**63), 2**63 - 1)
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8) | st.sampled_from(
    ["$ref", "$id", "$db", "$set", "a.b", ".", "$", "", "_id", "0"]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | INT64 | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=14) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
PAYLOADS = st.dictionaries(KEYS, VALUES, max_size=6)

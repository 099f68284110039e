"""A link is good for the person, the list and the purpose it was made for, and for nothing else; keys are shown to nobody."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.audience.keys import Keys, new_keys_text, read_keys
from digest.audience.links import Holder, sign, verify
from digest.errors import ConfigError

OLD, NEW, OTHER = (bytes([at]) * 32 for at in (1, 2, 3))
KEYS = Keys(links={"k1": OLD, "k2": NEW}, suppression=OTHER)
ANN = Holder(subscriber=7, dispatch=3, list="weekly")

lists = st.from_regex(r"[a-z0-9][a-z0-9-]{0,59}", fullmatch=True)
holders = st.builds(Holder, subscriber=st.integers(1, 2**53), dispatch=st.integers(1, 2**31), list=lists)


@given(holder=holders, purpose=st.sampled_from(["unsubscribe", "view"]))
def test_a_link_names_whom_it_was_made_for(holder, purpose):
    token = sign(KEYS, purpose, holder)

    assert verify(KEYS, purpose, token) == holder
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.") and token[-1].isalnum()


@given(holder=holders)
def test_a_link_of_one_purpose_is_worthless_for_another(holder):
    assert verify(KEYS, "unsubscribe", sign(KEYS, "view", holder)) is None
    assert verify(KEYS, "view", sign(KEYS, "unsubscribe", holder)) is None


@given(
    holder=holders, at=st.integers(0, 10_000), character=st.characters() | st.sampled_from(string.ascii_letters + string.digits + "-_.=")
)
def test_a_link_with_one_other_character_is_worthless(holder, at, character):
    token = sign(KEYS, "unsubscribe", holder)
    at %= len(token)
    changed = token[:at] + character + token[at + 1 :]

    assert changed == token or verify(KEYS, "unsubscribe", changed) is None
    assert verify(KEYS, "unsubscribe", token[:at] + token[at + 1 :]) is None
    assert verify(KEYS, "unsubscribe", token[:at] + character + token[at:]) is None


@given(st.text() | st.lists(st.sampled_from(["preview", ".", "k1", "k2", "7", "weekly", "-1", "٧", "\0", "é"])).map("".join))
@example("preview")
@example("....")
@example("preview.weekly.3.7.k2")
def test_nothing_made_up_is_a_link(token):
    assert verify(KEYS, "unsubscribe", token) is None
    assert verify(KEYS, "view", token) is None


def test_the_last_key_signs_and_all_are_believed():
    before = Keys(links={"k1": OLD}, suppression=OTHER)
    after = Keys(links={"k2": NEW}, suppression=OTHER)

    assert verify(KEYS, "view", sign(before, "view", ANN)) == ANN
    assert verify(before, "view", sign(KEYS, "view", ANN)) is None
    assert verify(after, "view", sign(before, "view", ANN)) is None


def test_a_key_under_another_id_makes_other_links():
    same_key = Keys(links={"k9": NEW}, suppression=OTHER)

    assert verify(KEYS, "view", sign(same_key, "view", ANN)) is None


def test_new_keys_are_read_back_and_are_new():
    one, two = (read_keys(new_keys_text(), where="digest.keys") for _ in range(2))

    assert [len(one.links["k1"]), len(one.suppression)] == [32, 32]
    assert len({one.links["k1"], one.suppression, two.links["k1"], two.suppression}) == 4


def test_another_key_is_added_by_a_line():
    text = new_keys_text().replace("\n[suppression]", f'k2 = "{"QUJD" * 11}"\n\n[suppression]')

    assert read_keys(text, where="digest.keys").signing == ("k2", b"ABC" * 11)


def test_all_faults_of_the_keys_are_told_and_no_key_is():
    text = '[links]\nk1 = "QUJD"\nK-2 = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY3ODkw"\nk3 = 4\n[colours]\n'

    with pytest.raises(ConfigError) as caught:
        read_keys(text, where="digest.keys")

    assert caught.value.faults == (
        "colours: no such table; there are links, suppression",
        "links.k1: expects at least 32 bytes in base64",
        "links.k3: expects at least 32 bytes in base64",
        "links.K-2: an id has up to 16 small letters and digits",
        "suppression.key: expects at least 32 bytes in base64",
    )
    assert "QUJD" not in str(caught.value) + "".join(caught.value.faults)


@pytest.mark.parametrize("text", ["", "links = 3", "[links]\n[suppression]\nkey = 5", "not toml ="])
def test_keys_that_cannot_be_used_are_refused(text):
    with pytest.raises(ConfigError):
        read_keys(text, where="digest.keys")


def test_keys_do_not_show_themselves():
    assert "01" not in repr(KEYS) and "x" not in repr(KEYS)

"""A newsroom keeps its keys to itself."""

import os

import pytest

from digest.audience.keys import new_keys_text, read_keys
from digest.errors import ConfigError, StoreError
from digest.newsroom import open_newsroom
from digest.store.files import write_secret
from digest.workflow.start import init_newsroom, open_sample
from tests.make import a_newsroom


def test_a_new_newsroom_has_keys_that_nobody_else_can_read(tmp_path):
    made = init_newsroom(tmp_path / "room")

    assert tmp_path / "room" / "digest.keys" in made
    assert (tmp_path / "room" / "digest.keys").stat().st_mode & 0o777 == 0o600
    assert open_newsroom(tmp_path / "room").keys == open_newsroom(tmp_path / "room").keys


def test_a_newsroom_without_keys_gets_only_those(tmp_path):
    room = a_newsroom(tmp_path)
    config = (tmp_path / "digest.toml").read_bytes()

    made = init_newsroom(tmp_path)

    assert made == (tmp_path / "digest.keys",)
    assert (tmp_path / "digest.toml").read_bytes() == config
    assert room.keys.signing[0] == "k1"


def test_nothing_is_ever_made_in_place_of_keys(tmp_path):
    init_newsroom(tmp_path)
    keys = (tmp_path / "digest.keys").read_bytes()

    with pytest.raises(StoreError, match="already holds"):
        init_newsroom(tmp_path)
    (tmp_path / "digest.toml").unlink()
    init_newsroom(tmp_path)

    assert (tmp_path / "digest.keys").read_bytes() == keys


def test_a_newsroom_without_keys_says_how_to_make_them(tmp_path):
    room = a_newsroom(tmp_path)

    with pytest.raises(ConfigError, match="There is no digest") as caught:
        room.keys  # noqa: B018  (reads them)
    assert caught.value.hint == f"Make it with: digest init {room.root}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_keys_that_others_can_read_are_refused(tmp_path, mode):
    room = a_newsroom(tmp_path)
    init_newsroom(tmp_path)
    (tmp_path / "digest.keys").chmod(mode)

    with pytest.raises(ConfigError, match="can be read by others") as caught:
        room.keys  # noqa: B018
    assert "chmod 600" in caught.value.hint


def test_keys_of_the_environment_win(tmp_path, monkeypatch):
    room = a_newsroom(tmp_path)
    init_newsroom(tmp_path)
    text = new_keys_text()

    monkeypatch.setenv("DIGEST_KEYS", text)

    assert room.keys == read_keys(text)


def test_every_sample_has_keys_of_its_own(tmp_path):
    one, other = open_sample(tmp_path / "one"), open_sample(tmp_path / "other")

    assert one.keys != other.keys


def test_a_secret_is_closed_to_others_whatever_the_machine_makes_of_new_files(tmp_path):
    before = os.umask(0)
    try:
        write_secret(tmp_path / "keys", b"secret")
    finally:
        os.umask(before)

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]

"""The README tells the truth: its commands give what it shows, and its table has every key."""

import doctest
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.cli import app
from digest.config import REQUIRED, TABLES

TOP = Path(__file__).parents[1]
README = (TOP / "README.md").read_text(encoding="utf-8")
TOUR = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
MATCHES = doctest.OutputChecker().check_output


def steps() -> list[tuple[str, str]]:
    """Each command of the tour with what the README shows of its output."""
    return [(step.partition("\n")[0], step.partition("\n")[2]) for block in TOUR for step in re.split(r"(?m)^\$ ", block) if step]


def test_the_tour_gives_what_the_readme_shows(tmp_path):
    shutil.copytree(TOP / "digest" / "sample", tmp_path / "digest" / "sample")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "digest").write_text(f'#!/bin/sh\nexec {sys.executable} -m digest.cli "$@"\n')
    (bin_ / "digest").chmod(0o755)
    place, wrong = tmp_path, []

    for command, shown in steps():
        if command.startswith("make "):
            continue
        if command.startswith("cd "):
            place = place / command.removeprefix("cd ")
            continue
        got = run(command, place, bin_)
        if not MATCHES(shown, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE):
            wrong.append(f"$ {command}\n{got}")

    assert wrong == [], "\n".join(wrong)


def run(command: str, place: Path, bin_: Path) -> str:
    """What a person sees; what answers a browser is ended as a person would, once it has told its address."""
    shell = subprocess.Popen(
        command, shell=True, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env=os.environ | {"PATH": f"{bin_}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"},  # so that lines come in the order of a terminal
    )  # fmt: skip
    assert shell.stdout is not None
    seen = ""
    if re.match("digest (preview|serve) ", command):
        while "Ctrl-C" not in seen and (line := shell.stdout.readline()):
            seen += line
        time.sleep(1)  # a person looks before leaving
        os.killpg(shell.pid, signal.SIGINT)
    return seen + shell.communicate(timeout=120)[0]


@pytest.mark.parametrize("command", sorted(command.name or command.callback.__name__ for command in app.registered_commands))
def test_every_command_is_in_the_tour(command):
    assert [typed for typed, _ in steps() if re.match(rf"(make|digest) {command}\b", typed)]


def the_table() -> str:
    """The README's table of keys, as digest's own checks describe them."""
    heads = {
        "newsroom": "[newsroom]",
        "source": "[[source]]",
        "editions": "[editions.NAME]",
        "themes": "[themes.KEY]",
        "transport": "[transport]",
        "web": "[web]",
        "notify": "[notify]",
        "ranking": "[ranking]",
    }
    rows = ["| table | key | default | meaning |", "|---|---|---|---|"]
    for table, keys in TABLES.items():
        for key in keys:
            default = (
                "required"
                if key.default is REQUIRED
                else ""
                if key.default is None
                else f"`{list(key.default) if key.default == () else key.default!r}`".replace("'", '"').replace("False", "false")
            )
            rows.append(f"| `{heads[table]}` | `{key.name}` | {default} | {key.meaning} |")
    return "\n".join(rows)


def test_the_table_has_every_key_of_digest_toml():
    assert the_table() in README, f"put this into the README:\n{the_table()}"

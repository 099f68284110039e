"""What the files at the top say of each other stays true."""

import re
import tomllib
from pathlib import Path

TOP = Path(__file__).parents[1]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=~;\[ ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in requirements if line and line[0] != "#"}


def test_the_dev_requirements_are_the_dev_group():
    lines = (TOP / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line and line[0] != "#"] == PROJECT["dependency-groups"]["dev"]


def test_every_requirement_is_locked():
    locked = names((TOP / "requirements.lock").read_text(encoding="utf-8").splitlines())
    wanted = [line for line in PROJECT["project"]["dependencies"] if "platform_system" not in line]
    wanted += [line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra]

    assert names(wanted + PROJECT["dependency-groups"]["dev"]) <= locked

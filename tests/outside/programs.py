"""The programs of others that look at a built email: where they are on this machine, or why a test is skipped."""

import shutil
from pathlib import Path

from tests.conftest import missing

HERE = Path(__file__).parent


def program(name: str) -> str:
    """The path of a program that the machine brings (java, node, spamassassin)."""
    return shutil.which(name) or missing(f"{name} is not on this machine; .ci/run says how it is installed")


def package(name: str) -> Path:
    """The folder of a package of package.json, which `npm ci --prefix tests/outside` brings."""
    folder = HERE / "node_modules" / name
    return folder if folder.is_dir() else missing(f"{name} is not in tests/outside: run npm ci --prefix tests/outside")

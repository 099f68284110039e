"""The programs of others that look at a built email: where they are on this machine, or why a test is skipped."""

import shutil
from pathlib import Path

from tests.conftest import missing

HERE = Path(__file__).parent


def program(name: str) -> str:
    """The path of a program that the machine brings (java, node, spamassassin)."""
    return shutil.which(name) or missing(f"{name} is not on this machine; .ci/run says how it is installed")


def postfix(name: str) -> tuple[Path, dict[str, str]]:
    """One of Postfix's test programs, smtp-sink or smtp-source, and the environment that it runs in; Postfix itself is never started."""
    unpacked = HERE / "postfix" / "usr"
    if (unpacked / "sbin" / name).is_file():
        return unpacked / "sbin" / name, {"LD_LIBRARY_PATH": str(unpacked / "lib" / "postfix")}
    installed = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    return Path(installed or missing(f"{name} is not on this machine: run tests/outside/postfix.sh")), {}


def package(name: str) -> Path:
    """The folder of a package of package.json, which `npm ci --prefix tests/outside` brings."""
    folder = HERE / "node_modules" / name
    return folder if folder.is_dir() else missing(f"{name} is not in tests/outside: run npm ci --prefix tests/outside")

"""The HTML of an email is valid to the Nu HTML checker of the W3C, but for what Outlook alone needs."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.outside.emails import NAMES, emails
from tests.outside.programs import package, program

# All that may be wrong, and why. It covers nothing else: see the controls.
ALLOWED = (
    r"Attribute “xmlns:o” not allowed here\.",  # Outlook reads the resolution of its drawings (PixelsPerInch) in that namespace
    r"CSS: “(mso-[a-z-]+)”: Property “\1” doesn't exist\.",  # declarations for Word, which draws mail in Outlook
)
PAGE = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Pier reopens</title></head><body>{}</body></html>\n'
BAD = {
    "a tag that is not closed": (PAGE.format("<div><p>Pier</div></b>"), "Stray end tag “b”."),
    "a picture without words": (PAGE.format('<img src="https://a.example/a.png">'), "An “img” element must have an “alt” attribute"),
    "a slip beside an allowed declaration": (PAGE.format('<p style="mso-hide:all;colour:red">Pier</p>'), "Property “colour” doesn't exist."),
    "a slip in an allowed declaration's value": (PAGE.format('<p style="color:mso-hide">Pier</p>'), "“mso-hide” is not a “color” value."),
    "another namespace": (PAGE.replace("<html ", '<html xmlns:v="urn:x" ').format("<p>Pier</p>"), "Attribute “xmlns:v” not allowed here."),
    "a rule that is no rule": (PAGE.replace("</head>", "<style>p {{ color: }}</style></head>").format("<p>Pier</p>"), "Parse Error"),
}  # fmt: skip


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the checker holds against each email and each bad page; one Java for all, for it starts slowly."""
    pages = {name: email.html for name, email in emails().items()} | {name: page for name, (page, _) in BAD.items()}
    folder = tmp_path_factory.mktemp("pages")
    files = {name: folder / f"{number}.html" for number, name in enumerate(pages)}
    for name, page in pages.items():
        files[name].write_text(page, "utf-8")
    found = looked_over(list(files.values()))
    return {name: found[file.name] for name, file in files.items()}


def looked_over(files: list[Path]) -> dict[str, list[str]]:
    jar = package("vnu-jar") / "build" / "dist" / "vnu.jar"
    done = subprocess.run(
        [program("java"), "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always", *map(str, files)],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    found: dict[str, list[str]] = {file.name: [] for file in files}
    for message in json.loads(done.stdout)["messages"]:
        if message["type"] != "info" and not any(re.fullmatch(allowed, message["message"]) for allowed in ALLOWED):
            found[message["url"].rpartition("/")[2]].append(message["message"])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_an_email_is_valid(name: str, errors: dict[str, list[str]]):
    assert errors[name] == []


@pytest.mark.parametrize("name", BAD)
def test_the_checker_sees(name: str, errors: dict[str, list[str]]):
    assert BAD[name][1] in "\n".join(errors[name])

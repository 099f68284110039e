"""Juice, the inliner that most of JavaScript's newsletters go through, run by node: what ours is measured against."""

import json
import subprocess
from collections.abc import Sequence

from tests.outside.programs import package, program

SCRIPT = """
const juice = require(process.argv[1]);
const pages = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(pages.map(([html, css]) => {
  try { return juice(html, {extraCss: css}); } catch (error) { return null; }
})));
"""


def juiced(pages: Sequence[tuple[str, str]]) -> list[str | None]:
    """Each page, given as (html, css), with its css moved into the tags; None where juice failed. One node for all: starting it is slow."""
    done = subprocess.run(
        [program("node"), "-e", SCRIPT, str(package("juice"))],
        input=json.dumps(pages), capture_output=True, text=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    answers: list[str | None] = json.loads(done.stdout)
    return answers

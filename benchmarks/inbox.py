"""Ask every checker of others about emails: the sample, or any HTML of a built issue.

    python benchmarks/inbox.py [issues/2025-W33/email.html ...] [--json FILE]

Needs what `.ci/run` installs: Chromium, Java, SpamAssassin and `npm ci --prefix tests/outside`. Real weeks to look at come from
`benchmarks/weeks.py STORIES.jsonl --into FOLDER`.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[1]
sys.path.insert(0, str(TOP))
COLUMNS = ("KB", "KB/story", "Nu", "axe", "overflow", "support", "contrast", "dark", "inverted", "spam")


def main() -> None:
    """Print a line an email, and the time that one takes to render."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("html", nargs="*", type=Path, default=[TOP / "issues" / "2025-W33" / "email.html"], help="beside its plan.toml")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    measured = look_at(args.html)
    print(f"{'':24}" + "".join(f"{name:>10}" for name in COLUMNS))
    for name, row in measured.items():
        print(f"{name:24}" + "".join(f"{row[column]:>10}" for column in COLUMNS))
    rendered = render_ms()
    print(f"the sample rendered and inlined, warm: {rendered} ms")
    if args.json:
        args.json.write_text(json.dumps({"emails": measured, "render_ms": rendered}, indent=2) + "\n", encoding="utf-8")


def look_at(files: list[Path]) -> dict[str, dict[str, Any]]:
    """Path -> figure by column. Violations are counted over widths and colour schemes, contrast is the lowest of a way."""
    from playwright.sync_api import sync_playwright

    from digest.edit.plan import read_plan
    from digest.edit.printing.support import support
    from digest.model import Email
    from digest.workflow.proof import items
    from tests.outside import test_access, test_contrast, test_markup, test_spam, test_width
    from tests.outside.window import opened

    nu = {str(file): len(test_markup.looked_over([file])[file.name]) for file in files}
    found = {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for file in files:
            html, text = file.read_text("utf-8"), file.with_suffix(".txt").read_text("utf-8")

            def broken(width: int, scheme: Any, html: str = html) -> int:
                with opened(chromium, html, width=width, scheme=scheme) as page:
                    return len(test_access.looked_over(page)["violations"])

            def beyond(width: int, html: str = html) -> int:
                with opened(chromium, html, width=width) as page:
                    return len(test_width.beyond(page))

            def lowest(*ways: str, html: str = html) -> float:
                return round(min(text["contrast"] for way in ways for text in test_contrast.measured(chromium, html, way)), 2)

            issue = read_plan(file.with_name("plan.toml").read_text("utf-8"), where=str(file))
            size = len(html.encode()) / 1000
            found[f"{file.parent.name}/{file.name}"] = {
                "KB": round(size, 1),
                "KB/story": round(size / items(issue), 2),
                "Nu": nu[str(file)],
                "axe": sum(broken(width, scheme) for width in (600, 375) for scheme in ("light", "dark")),
                "overflow": beyond(320) + beyond(375),
                "support": round(support(html), 1),
                "contrast": lowest("light"),
                "dark": lowest("dark", "Outlook's hooks"),
                "inverted": lowest("dark text and light grounds inverted", "all inverted"),
                "spam": test_spam.score(test_spam.as_it_arrives(Email(subject=issue.subject, html=html, text=text)), Path(home))[0],
            }
        chromium.close()
    return found


def render_ms() -> float:
    """The median of 20 renderings of the sample, in milliseconds."""
    from digest.edit.plan import read_plan
    from digest.newsroom import open_newsroom, shipped_sample, shipped_templates
    from tests.outside.emails import printed

    issue = read_plan((TOP / "issues" / "2025-W33" / "plan.toml").read_text("utf-8"), where="plan.toml")
    masthead = open_newsroom(shipped_sample()).settings.masthead
    shipped_templates()
    times = []
    for _ in range(20):
        began = time.perf_counter()
        printed(issue, masthead)
        times.append((time.perf_counter() - began) * 1000)
    return round(sorted(times)[10], 1)


if __name__ == "__main__":
    main()

import time
from pathlib import Path

import pytest

from digest.edit.reading.whole import cut_short

PAGES = sorted((Path(__file__).parents[2] / "pages").glob("*.html"))
TEXT = "<p>The ferry is back.</p>"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_that_was_saved_whole_is_whole(path):
    assert not cut_short(path.read_text(encoding="utf-8", errors="replace"))


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><div>{TEXT}</body>",
        f"<html><body><div>{TEXT}</div></body></html><!-- cached --><script>a < b</script>",
        f"<title>Ferry</title><main>{TEXT}</main>",
        "<p>The ferry is back.<p>It was gone for a year.",
        "<ul><li>One<li>Two</ul>",
        f"<script>document.write('<div>')</script>{TEXT}",
        "<HTML><BODY>A < B</BODY></HTML>",
        "The ferry is back.",
        "",
    ],
)
def test_ends_that_html_lets_a_page_leave_out_are_not_missed(page):
    assert not cut_short(page)


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><div>{TEXT}",
        f"<article>{TEXT}<p>It was go",
        f"{TEXT}<p cla",
        f'{TEXT}<script type="application/ld+json">{{"headline": "The fer',
        f"{TEXT}<!-- the footer",
        f"{TEXT}<style>p {{",
        f"<div><iframe srcdoc></html></iframe><main>{TEXT}",
        f"<div><script>'</body></html>'</script>{TEXT}",
    ],
)
def test_a_page_that_stops_in_the_middle_is_cut_short(page):
    assert cut_short(page)


@pytest.mark.parametrize("piece", ["<", "<div>", "</div>", "<!--", "<!-->", "<script", "<script></script>", "a", "İ<div>", "</html>"])
def test_a_page_of_a_megabyte_takes_no_time(piece):
    started = time.process_time()

    cut_short(piece * (1_000_000 // len(piece)))

    assert time.process_time() - started < 1

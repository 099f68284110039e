"""An email opened in a browser, as a mail program would show it: pictures from the built sample, nothing from the network."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from tests.outside.emails import SAMPLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route


@contextmanager
def opened(chromium: "Browser", html: str, *, width: int = 600, scheme: Literal["light", "dark"] = "light") -> Iterator["Page"]:
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.route("**/*", from_disk)
    page.set_content(html, wait_until="load")
    yield page
    page.context.close()


def from_disk(route: "Route") -> None:
    picture = SAMPLE / "images" / route.request.url.rpartition("/")[2]
    if picture.is_file():
        route.fulfill(path=picture)
    else:
        route.abort()

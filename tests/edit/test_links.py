"""Every link of a mail is listed once, with the words that a reader clicks."""

import pytest

from digest.edit.links import Link, links_of


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ("", ()),
        ("<p>No link</p><a name='top'>Top</a><a href=''>Empty</a>", ()),
        ("<a href='https://a.example/?x=1&amp;y=2'> Read <b>more</b>\n→ </a>", (Link("Read more →", "https://a.example/?x=1&y=2"),)),
        ("<a href='https://a.example'><img src='x.png' alt='A pier'></a>", (Link("A pier", "https://a.example"),)),
        (
            "<a href='https://a.example'>One</a><a href='https://a.example'>Two</a><a href='https://a.example'>One</a>",
            (Link("One", "https://a.example"), Link("Two", "https://a.example")),
        ),
    ],
)
def test_links_are_found(html, links):
    assert links_of(html) == links

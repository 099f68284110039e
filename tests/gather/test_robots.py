import time

import pytest

from digest.gather.robots import read_robots

NAME = "headline-digest"


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/a", True),
        ("Disallow:", "/a", True),
        ("Disallow: /", "/a", False),
        ("Disallow: /a", "/abc", False),
        ("Disallow: /a", "/b/a", True),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Allow: /a\nDisallow: /a/b", "/a/b/c", False),
        ("Disallow: /\nAllow: /news/", "/news/1", True),
        ("Disallow: /*.pdf", "/a/b.pdf?x", False),
        ("Disallow: /*.pdf$", "/a/b.pdf?x", True),
        ("Disallow: /*.pdf$", "/a/b.pdf", False),
        ("Disallow: /a$", "/a", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /a*a$", "/a", True),  # the two are not the same a
        ("Disallow: /a*a$", "/aa", False),
        ("Disallow: /*?print=", "/a?b&print=1", True),
        ("Disallow: /*?*print=", "/a?b&print=1", False),
        ("Disallow: /%7Ejoe", "/~joe/x", False),
        ("Disallow: /caf%c3%a9", "/caf%C3%A9", False),
        ("Disallow: /café", "/caf%C3%A9", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("DISALLOW : /a # not here", "/a", False),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, allowed: bool):
    assert read_robots(f"User-agent: *\n{rules}\n", NAME).allows(path) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /\n\nUser-agent: headline-digest\nDisallow: /x", True),
        ("User-agent: Headline-Digest/2.0\nDisallow: /", False),
        ("User-agent: other\nUser-agent: headline-digest\n\nDisallow: /", False),
        ("User-agent: headline\nDisallow: /", True),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: headline-digest\nDisallow: /x\nUser-agent: other\nAllow: /\nUser-agent: headline-digest\nDisallow: /a", False),
        ("Disallow: /", True),
        ("\ufeffUser-agent: *\rDisallow: /\r", False),
        ("User-agent: *\nSitemap: https://x.example/s.xml\nDisallow: /", False),
    ],
)
def test_our_own_group_goes_before_that_for_all(text: str, allowed: bool):
    assert read_robots(text, NAME).allows("/a") is allowed


@pytest.mark.parametrize(("value", "delay"), [("2", 2), ("0.5", 0.5), ("-1", 0), ("1e9", 0), ("nan", 0), ("soon", 0), ("9" * 400, 0)])
def test_a_delay_is_a_number(value: str, delay: float):
    assert read_robots(f"User-agent: *\nCrawl-delay: {value}", NAME).delay == delay


def test_no_pattern_hangs_the_reader():
    robots = read_robots(f"User-agent: *\nDisallow: /{'*a' * 20_000}b$\nDisallow: /{'*' * 50_000}x", NAME)
    began = time.monotonic()

    assert robots.allows("/" + "a" * 60_000)
    assert time.monotonic() - began < 2

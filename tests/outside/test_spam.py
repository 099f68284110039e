"""SpamAssassin, with its local rules alone, finds nothing in an email that a mailing list would not be proud of."""

import re
import subprocess
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from digest.model import Email
from digest.send.compile import draft
from tests.outside.emails import NAMES, UNSUBSCRIBE, emails
from tests.outside.programs import program

MONDAY = datetime(2025, 8, 18, 6, 0, tzinfo=timezone(timedelta(hours=-4)))
ENOUGH = 0.5
PILLS = Email(
    subject="VIAGRA 80% OFF!!! You have WON $1,000,000",
    html='<html><body><font size="1" color="#fefefe">x</font><h1>BUY VIAGRA AND CIALIS NOW!!!</h1><p>Dear friend, 100% FREE, no prescription needed, act now! '
    'You have won the lottery: $1,000,000 US dollars. <a href="http://192.0.2.7/pills">CLICK HERE</a></p></body></html>',
    text="BUY VIAGRA AND CIALIS NOW!!! 100% FREE, no prescription needed. You have won the lottery: $1,000,000. http://192.0.2.7/pills\n",
)  # fmt: skip


def as_it_arrives(email: Email) -> bytes:
    """The compiled mail as a reader's mail server hands it on: with the header that says from where it came."""
    mail = draft(
        email, sender="Daily Headlines <headlines@news.garrisonpost.example>", to="Reader <reader@inbox.example>", date=MONDAY,
        message_id="2025-W33.1@news.garrisonpost.example", list_id="weekly.news.garrisonpost.example", unsubscribe_url=UNSUBSCRIBE,
    )  # fmt: skip
    came = format_datetime(MONDAY + timedelta(seconds=3))
    host = "mail.news.garrisonpost.example"
    address = "198.18.0.25"  # nobody's; the addresses kept for documentation are themselves held against a mail
    received = f"Received: from {host} ({host} [{address}])\r\n by mx.inbox.example (Postfix) with ESMTPS id 4X1\r\n for <reader@inbox.example>; {came}\r\n"
    return received.encode() + mail


def score(mail: bytes, home: Path) -> tuple[float, str]:
    """The points of a mail and the names of the rules that gave them."""
    done = subprocess.run(
        [program("spamassassin"), "--local", "--test-mode", "--nocreate-prefs"],
        input=mail, capture_output=True, timeout=60, check=True, env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    found = re.search(
        r"^X-Spam-Status: \w+, score=(-?[\d.]+) required=[\d.]+ tests=([\w,\s]*?)\s+autolearn",
        done.stdout.decode("utf-8", "replace"),
        re.MULTILINE,
    )
    assert found, done.stdout.decode("utf-8", "replace")[:2000]
    return float(found[1]), re.sub(r"\s+", "", found[2])


@pytest.mark.parametrize("name", NAMES)
def test_an_email_is_no_spam(name: str, tmp_path: Path):
    points, rules = score(as_it_arrives(emails()[name]), tmp_path)

    assert points <= ENOUGH, rules


def test_a_mail_that_sells_pills_is_spam(tmp_path: Path):
    points, rules = score(as_it_arrives(PILLS), tmp_path)

    assert points >= 5, rules


def test_a_preheader_in_the_colour_of_the_page_would_cost_more_than_is_allowed(tmp_path: Path):
    sample = emails()["sample"]
    hidden = sample.html.replace("display:none;max-height:0", "color:#f2f1ed;max-height:0")
    assert hidden != sample.html

    points, rules = score(as_it_arrives(Email(subject=sample.subject, html=hidden, text=sample.text)), tmp_path)

    assert points > ENOUGH, rules

"""An address is read as email-validator reads it, only faster, and two ways to write it are one person."""

import subprocess
import sys

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.audience import addresses
from digest.audience.addresses import parse_address
from digest.errors import SubscriberError

# Texts that are nearly addresses: the letters that decide, in any order, with an @ somewhere.
NEARLY = st.text("abKz019.-_+'!{\u212a\u017fé@", max_size=12)
PLACES = st.text("abXn019.--\u212aü", max_size=12)
ENDS = st.sampled_from(["example", "com", "org", "museum", "test", "local", "invalid", "onion", "c0m", "x", "", "xn--p1ai", "COM"])
ALMOST = st.builds("{}@{}.{}".format, NEARLY, PLACES, ENDS)


def validated(text):
    return validate_email(text, allow_smtputf8=False, strict=True, check_deliverability=False, test_environment=True)


def is_refused(text):
    try:
        validated(text)
    except EmailNotValidError:
        return True
    return False


@settings(max_examples=2000, deadline=None)
@given(ALMOST | st.emails())
@example("a" * 64 + "@b.example")
@example("a" * 65 + "@b.example")
@example("a@" + "b" * 63 + ".example")
@example("a@" + "b" * 64 + ".example")
@example("aa@" + ".".join(["b" * 60] * 4) + ".example")  # 254 characters in all, and one more
@example("aaa@" + ".".join(["b" * 60] * 4) + ".example")
@example("a@xx--b.example")
@example("a@xn--b.example")
@example("a@k.example\n")
def test_the_fast_path_takes_nothing_that_the_validator_refuses_and_reads_it_the_same(text):
    fast = addresses._PLAIN.fullmatch(text.strip())
    if not fast or len(text.strip()) > 254:
        return

    read, checked = parse_address(text), validated(text.strip())

    assert read.key == f"{checked.ascii_local_part}@{checked.ascii_domain}".lower()
    assert read.envelope.lower() == read.key
    assert read.envelope.partition("@")[0] == text.strip().partition("@")[0]


@settings(max_examples=1000, deadline=None)
@given(ALMOST | st.text(max_size=20) | st.emails())
def test_whatever_is_written_becomes_an_address_or_a_clear_word(text):
    try:
        read = parse_address(text)
    except SubscriberError as error:
        assert "is no mail address" in error.message
        assert is_refused(text.strip())
    else:
        assert not is_refused(text.strip())
        assert (read.key + read.envelope).isascii()
        assert parse_address(read.envelope).key == read.key


def test_the_way_it_is_written_is_kept_and_the_way_it_is_compared_is_one():
    one, other = parse_address(" Ann.Lee@Mail.Example "), parse_address("ann.lee@mail.example")

    assert one.email == "Ann.Lee@Mail.Example"
    assert one.envelope == "Ann.Lee@mail.example"
    assert one.key == other.key


@pytest.mark.parametrize(
    "written", ["ann@münchen.example", "ann@MÜNCHEN.example", "ann@xn--mnchen-3ya.example", "ann@mu\u0308nchen.example"]
)
def test_a_domain_in_any_script_is_one_with_its_ascii_form(written):
    assert parse_address(written).key == "ann@xn--mnchen-3ya.example"
    assert parse_address(written).envelope == "ann@xn--mnchen-3ya.example"


@pytest.mark.parametrize("written", ["ann@mail.example", "ann@example.com", "ann@mail.test", "o'neil+news@a-b.example", "1@2.example"])
def test_addresses_for_trying_out_and_unusual_ones_are_taken(written):
    assert parse_address(written).key == written


REFUSED = (
    '"ann lee"@mail.example', '"ann"@mail.example', "Ann <ann@mail.example>", "ann", "ann@", "@mail.example", "ann@mail", "a..n@mail.example",
    ".ann@mail.example", "ann.@mail.example", "ann@.example", "ann@mail.example.", "ann@-mail.example", "ann@[192.0.2.1]", "ann@mail.local",
    "ann@localhost", "ann@mail.invalid", "ann@a@mail.example", "ann lee@mail.example", "ann@mail.example\r\nBcc: b@mail.example",
    "zoë@mail.example", "ann\x00@mail.example", "",
)  # fmt: skip


@pytest.mark.parametrize("written", REFUSED)
def test_what_no_mail_can_reach_is_refused(written):
    with pytest.raises(SubscriberError, match="is no mail address"):
        parse_address(written)


def test_a_plain_address_needs_no_validator():
    program = "import sys; from digest.audience.addresses import parse_address as p; p('Ann@mail.example'); print('email_validator' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"

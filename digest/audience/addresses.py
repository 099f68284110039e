"""Read a mail address: as it is written, as it is compared, and as a mail server takes it."""

import re
from dataclasses import dataclass

from digest.errors import SubscriberError

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NOT_PLAIN = "arpa|invalid|local|localhost|onion|test"  # names without an owner: email-validator decides
_PLAIN = re.compile(
    rf"(?=[^@]{{1,64}}@)({_ATOM}(?:\.{_ATOM})*)@((?:{_LABEL}\.)+(?!(?:{_NOT_PLAIN})\Z)[a-z]{{2,63}})",
    re.IGNORECASE | re.ASCII,  # without ASCII the Kelvin sign would be a k
)
_LONGEST = 254  # characters of a whole address
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address that can be written to."""

    email: str  # as it was written, without spaces around it
    key: str  # as it is compared: small letters, the domain in ASCII; two addresses with one key are one person
    envelope: str  # as a mail server takes it: the part before the @ as written, the domain in ASCII


def parse_address(text: str) -> Address:
    """Read an address without asking the network. Raises SubscriberError that says what is wrong with it.

    Plain ASCII is settled by one expression, anything else by email-validator; a test holds the first to the second.
    """
    written = text.strip()
    plain = _PLAIN.fullmatch(written)
    if plain and len(written) <= _LONGEST:
        key = written.lower()
        return Address(written, key, f"{plain[1]}@{key[len(plain[1]) + 1 :]}")
    return _validated(written)


def _validated(written: str) -> Address:
    from email_validator import EmailNotValidError, validate_email

    try:
        # Letters beyond ASCII before the @ need servers that few have. `.test` is for trying out, as `.example` is.
        found = validate_email(written, allow_smtputf8=False, strict=True, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        shown = written if len(written) <= _SHOWN else written[: _SHOWN - 1] + "…"
        raise SubscriberError(f"{shown!r} is no mail address: {str(error).rstrip('.')}.", hint="Look at how it is written.") from error
    envelope = f"{written.rpartition('@')[0]}@{found.ascii_domain}"
    return Address(written, envelope.lower(), envelope)

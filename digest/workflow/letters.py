"""Address an issue to one reader: what stands in the slots of their letter."""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from digest.audience.addresses import parse_address
from digest.audience.links import signer
from digest.errors import SubscriberError
from digest.model import Dispatch, Letter, Recipient
from digest.newsroom import Newsroom
from digest.send.compile import addressee
from digest.workflow.proof import inert, public_host, public_url

PROOF = 12  # bytes of a Message-ID that nobody can guess and that do not tell how many readers there are


def letters_of(newsroom: Newsroom, sending: Dispatch) -> Callable[[Recipient], Letter]:
    """Writes the letters of an issue on its way, quickly and always the same: a letter that is written again is the same letter."""
    keys, public, host = newsroom.keys, public_url(newsroom), public_host(newsroom)
    mailbox = newsroom.settings.masthead.unsubscribe_mailbox
    leave_token = signer(keys, "unsubscribe", dispatch=sending.id, list=sending.list)
    view_token = signer(keys, "view", dispatch=sending.id, list=sending.list)
    date, salt = format_datetime(sending.frozen_at), sending.salt.encode()

    def letter(recipient: Recipient) -> Letter:
        address, token = envelope(recipient.email), leave_token(recipient.subscriber)
        leave = f"{public}/unsubscribe/{token}"
        values = {
            "name": recipient.name,
            "address": recipient.email,
            "to": addressee(recipient.name, address),
            "date": date,
            "message_id": f"<{sending.issue}.{hmac.digest(salt, b'%d' % recipient.seq, 'sha256')[:PROOF].hex()}@{host}>",
            "unsubscribe": leave,
            "unsubscribe_header": ways_out(leave, mailbox, token),
            "view": f"{public}/view/{view_token(recipient.subscriber)}",
        }
        return Letter(recipient.seq, address, values)

    return letter


def trial_letter(newsroom: Newsroom, issue_id: str, email: str, *, now: datetime) -> Letter:
    """A letter to look at: its links are those of the preview, by which nobody is shown or leaves anything."""
    links, address = inert(newsroom), envelope(email)
    values = {
        "name": "",
        "address": email,
        "to": addressee("", address),
        "date": format_datetime(now),
        "message_id": f"<{issue_id}.trial.{secrets.token_hex(PROOF)}@{public_host(newsroom)}>",
        "unsubscribe": links.unsubscribe,
        "unsubscribe_header": ways_out(links.unsubscribe, "", ""),
        "view": links.view,
    }
    return Letter(1, address, values)


def ways_out(url: str, mailbox: str, token: str) -> str:
    """The value of List-Unsubscribe. Its line ends between the addresses, never inside one; the mail's subject says who leaves."""
    return f"<{url}>,\r\n <mailto:{mailbox}?subject={token}>" if mailbox else f"<{url}>"


def envelope(email: str) -> str:
    """The address as a mail server takes it, its domain in ASCII. One that cannot be read is left as it is: the server will say so."""
    try:
        return parse_address(email).envelope
    except SubscriberError:
        return email

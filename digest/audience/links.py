"""Links that prove who they were sent to. Each is good for one purpose, and nobody can make one without the newsroom's keys."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from digest.audience.keys import Keys

Purpose = Literal["unsubscribe", "view"]

PREVIEW = "preview"  # stands in previews, drafts and copies instead of a token, and is never good for anything
PROOF = 15  # bytes of the signature that are kept: twenty characters, and no two texts for one proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a link was sent to, in which dispatch, and as a member of which list."""

    subscriber: int
    dispatch: int
    list: str


def sign(keys: Keys, purpose: Purpose, holder: Holder) -> str:
    """The token of a link: about forty characters that stand in a web address as they are."""
    return signer(keys, purpose, dispatch=holder.dispatch, list=holder.list)(holder.subscriber)


def signer(keys: Keys, purpose: Purpose, *, dispatch: int, list: str) -> Callable[[int], str]:
    """Makes the tokens of one dispatch, quickly: subscriber -> token."""
    id, key = keys.signing

    def token(subscriber: int) -> str:
        told = f"{list}.{dispatch}.{subscriber}.{id}"
        return f"{_proof(key, purpose, told)}.{told}"

    return token


def verify(keys: Keys, purpose: Purpose, token: str) -> Holder | None:
    """Whom the link was sent to; None when we did not sign it for this purpose, or it is not whole."""
    proof, _, told = token.partition(".")
    key = keys.links.get(told.rpartition(".")[2])
    if key is None or not token.isascii() or not hmac.compare_digest(proof.encode(), _proof(key, purpose, told).encode()):
        return None
    list, dispatch, subscriber, _ = told.split(".")
    return Holder(subscriber=int(subscriber), dispatch=int(dispatch), list=list)


def _proof(key: bytes, purpose: Purpose, told: str) -> str:
    # neither a purpose nor what is told holds a NUL, so no two of them make one text
    return urlsafe_b64encode(hmac.digest(key, f"{purpose}\0{told}".encode(), "sha256")[:PROOF]).decode()

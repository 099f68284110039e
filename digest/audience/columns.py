"""What the columns of other systems' exports mean. A new system is one more Format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ACTIVE, PENDING, LEFT, BOUNCED, COMPLAINED = "active", "pending", "left", "bounced", "complained"
BLOCKED = "blocked"  # barred in the old system, for whatever reason
NEVER = "never"  # known there, but never asked for anything

STATUS: Mapping[str, str] = {
    **dict.fromkeys(("active", "subscribed", "enabled", "confirmed"), ACTIVE),
    **dict.fromkeys(("pending", "unconfirmed", "unactivated", "not confirmed"), PENDING),
    **dict.fromkeys(("left", "unsubscribed", "disabled", "inactive", "removed", "deleted", "archived", "opted out"), LEFT),
    **dict.fromkeys(("bounced", "cleaned", "undeliverable", "hard bounce"), BOUNCED),
    **dict.fromkeys(("complained", "complaint", "spam", "abuse"), COMPLAINED),
    **dict.fromkeys(("blocked", "blocklisted", "blacklisted", "suppressed"), BLOCKED),
    **dict.fromkeys(("nonsubscribed", "non-subscribed", "transactional"), NEVER),
}
YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A column that says whether somebody may get mail. The first gate that says anything but "active" decides."""

    columns: tuple[str, ...]  # one of these
    means: Mapping[str, str] = field(default_factory=dict)  # value in small letters -> what it means
    empty: str = ""  # what an empty cell means; "" = the row is refused
    other: str = ""  # what any other value means; "" = the row is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """An export of one system."""

    name: str
    signs: tuple[frozenset[str], ...]  # it is this one when all the columns of one of these are there
    gates: tuple[Gate, ...] = ()
    whole: Sequence[tuple[str, str, str]] = ()  # (there is this column, but not this one, so every row is this)
    by_name: Mapping[str, str] = field(default_factory=dict)  # beginning of the file's name -> what every row is
    how: tuple[tuple[str, str], ...] = ()  # (column, words before its value): how somebody asked for the list
    bag: tuple[str, ...] = ()  # columns of JSON that hold custom fields
    left_out: frozenset[str] = frozenset()  # what only the old system needs


def _when_filled(column: str, meaning: str) -> Gate:
    return Gate(columns=(column,), empty=ACTIVE, other=meaning)


def _yes_no(column: str, *, yes: str, no: str, empty: str = "") -> Gate:
    return Gate(columns=(column,), means={word: yes if is_yes else no for word, is_yes in YES_NO.items()}, empty=empty)


_OF_STATUS = Gate(columns=("status",), means=STATUS)

_OF_MAILCHIMP = (
    "member_rating", "latitude", "longitude", "gmtoff", "dstoff", "timezone", "cc", "region", "last_changed", "leid", "euid", "email_type",
    "unsub_campaign_title", "unsub_campaign_id", "unsub_reason_other", "clean_campaign_title", "clean_campaign_id",
)  # fmt: skip

FORMATS: tuple[Format, ...] = (
    Format(
        name="digest",
        signs=(frozenset({"email", "list", "status", "consent_source"}),),
        gates=(_OF_STATUS,),
        how=(("consent_how", ""),),
        bag=("fields",),
        left_out=frozenset({"added_at"}),
    ),
    Format(
        name="Mailchimp",
        signs=(frozenset({"email_address", "member_rating"}), frozenset({"email_address", "leid"}), frozenset({"email_address", "euid"})),
        gates=(
            _OF_STATUS,
            Gate(columns=("unsub_reason",), means={"abuse": COMPLAINED, "spam": COMPLAINED, "n/a": ACTIVE}, empty=ACTIVE, other=LEFT),
            _when_filled("clean_time", BOUNCED),
            _when_filled("unsub_time", LEFT),
        ),
        whole=(("unsub_time", "clean_time", LEFT), ("clean_time", "unsub_time", BOUNCED)),
        by_name={"unsubscribed": LEFT, "cleaned": BOUNCED, "nonsubscribed": NEVER},
        how=(("optin_time", "signed up "), ("optin_ip", "from "), ("confirm_time", "confirmed "), ("confirm_ip", "from ")),
        left_out=frozenset(_OF_MAILCHIMP),
    ),
    Format(
        name="Ghost",
        signs=(frozenset({"email", "subscribed_to_emails"}),),
        gates=(_yes_no("subscribed_to_emails", yes=ACTIVE, no=LEFT), _when_filled("deleted_at", LEFT)),
        left_out=frozenset({"id"}),
    ),
    Format(
        name="Substack",
        signs=(
            frozenset({"email", "email_disabled"}),
            frozenset({"email", "active_subscription"}),
            frozenset({"email", "start_date", "type"}),
        ),
        gates=(
            _yes_no("email_disabled", yes=LEFT, no=ACTIVE),  # active_subscription tells who pays, not who reads
            Gate(columns=("type",), means={"unsubscribed": LEFT, "removed": LEFT, "banned": BLOCKED}, empty=ACTIVE, other=ACTIVE),
        ),
        left_out=frozenset({"stripe_id"}),
    ),
    Format(
        name="Buttondown",
        signs=(
            frozenset({"email", "creation_date"}),
            frozenset({"email_address", "creation_date"}),
            frozenset({"email", "subscriber_type"}),
            frozenset({"email_address", "subscriber_type"}),
        ),
        gates=(
            Gate(
                columns=("subscriber_type", "type"),
                means={
                    **STATUS,
                    **dict.fromkeys(("regular", "premium", "trialed", "unpaid", "gifted", "churning", "churned"), ACTIVE),
                    **dict.fromkeys(("paused", "past_due", "past due"), ACTIVE),  # these two hold the payment, not the letters
                    "upcoming": PENDING,
                    "spammy": BLOCKED,
                },
            ),
            _when_filled("undeliverability_date", BOUNCED),
            _when_filled("unsubscription_date", LEFT),
        ),
        how=(("source", "by way of "), ("ip_address", "from ")),
        bag=("metadata",),
        left_out=frozenset({"id", "secondary_id", "avatar_url", "last_open_date", "last_click_date", "unsubscription_reason"}),
    ),
    Format(
        name="listmonk",
        signs=(frozenset({"uuid", "email", "status"}), frozenset({"email", "attributes", "status"})),
        gates=(_OF_STATUS,),
        bag=("attributes",),
        left_out=frozenset({"uuid", "updated_at"}),
    ),
)
PLAIN = Format(
    name="plain",
    signs=(),
    gates=(
        _OF_STATUS,
        _yes_no("subscribed", yes=ACTIVE, no=LEFT),
        _yes_no("unsubscribed", yes=LEFT, no=ACTIVE, empty=ACTIVE),
        _when_filled("unsubscribed_at", LEFT),
    ),
    how=(("consent_how", ""),),
)

# columns that mean the same everywhere; the first that is there counts
ADDRESS = ("email_address", "email", "e_mail", "emailaddress", "e_mail_address", "mail", "address")
NAME = ("name", "full_name", "fullname")
FIRST = ("first_name", "firstname", "fname", "given_name")
LAST = ("last_name", "lastname", "lname", "surname", "family_name")
LANGUAGE = ("language", "lang", "locale")
TAGS = ("tags", "labels")
JOINED = (
    "consent_at",
    "confirm_time",
    "optin_time",
    "subscribed_at",
    "creation_date",
    "start_date",
    "created_at",
)  # the first that is filled
REFUSED = ("refused_line", "refused_because")  # what stands first in a file of refused rows


def format_of(columns: Sequence[str]) -> Format:
    """The system that a header comes from."""
    there = frozenset(columns)
    return next((known for known in FORMATS if any(sign <= there for sign in known.signs)), PLAIN)


def whole_file(known: Format, columns: Sequence[str], name: str) -> str:
    """What every row of the file is, whatever its cells say; "" = each row says so itself."""
    for beginning, meaning in known.by_name.items():
        if name.casefold().startswith(beginning):
            return meaning
    return next((meaning for this, not_this, meaning in known.whole if this in columns and not_this not in columns), "")

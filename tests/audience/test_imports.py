"""The exports of other systems are understood, and nobody who may not get mail there gets it here."""

import io
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.columns import FORMATS
from digest.audience.imports import RefusedRow, open_listing
from digest.errors import SubscriberError
from digest.model import Consent, Entry, Suppression

MAILCHIMP = '"Email Address","First Name","Last Name","Phone Number",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,{more}LEID,EUID,NOTES,TAGS\n'
GHOST = "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
SUBSTACK = "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"
BUTTONDOWN = "id,email,notes,metadata,tags,creation_date,subscriber_type,source\n"
LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at\n"
UNSUBSCRIBED = "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,"
CLEANED = "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,"


def listing(text, *, name="list.csv", **options):
    return open_listing(io.BytesIO(text.encode()), name=name, **options)


def found(text, **options):
    return list(listing(text, **options).found)


def only(text, **options):
    [one] = found(text, **options)
    return one


def entry(key="ann@mail.example", **changes):
    return Entry(**{"key": key, "email": key, "consent": Consent(source="import of list.csv")} | changes)


def suppression(reason, key="ann@mail.example", source="list.csv"):
    return Suppression(key=key, reason=reason, source=source)


def reasons(text, **options):
    return [one.reason for one in found(text, **options) if isinstance(one, RefusedRow)]


# --- the five systems


def test_mailchimps_subscribers_come_with_names_tags_and_consent():
    row = 'Ann@mail.example,Ann,Lee,555,2,"2015-03-16 14:40:47",192.0.2.1,"2015-03-16 14:41:00",192.0.2.2,1,2,-8,-7,America/Los_Angeles,US,CA,"2015-03-16",1,e,A note,"""news"",""a, b"""\n'

    assert listing(MAILCHIMP.format(more="")).origin == "Mailchimp"
    assert only(MAILCHIMP.format(more="") + row) == Entry(
        key="ann@mail.example",
        email="Ann@mail.example",
        name="Ann Lee",
        tags=("news", "a, b"),
        fields={"Phone Number": "555", "NOTES": "A note"},
        consent=Consent(
            at=datetime(2015, 3, 16, 14, 41, tzinfo=UTC),
            source="import of list.csv",
            how="signed up 2015-03-16 14:40:47, from 192.0.2.1, confirmed 2015-03-16 14:41:00, from 192.0.2.2",
        ),
    )


@pytest.mark.parametrize(
    ("more", "cells", "reason"),
    [
        (UNSUBSCRIBED, '"2020-01-01 10:00:00",Campaign,c1,NORMAL,,', "left"),
        (UNSUBSCRIBED, '"2020-01-01 10:00:00",Campaign,c1,ABUSE,,', "complained"),
        (UNSUBSCRIBED, ",,,,,", "left"),
        (CLEANED, '"2020-01-01 10:00:00",Campaign,c1,', "bounced"),
        (CLEANED, ",,,", "bounced"),
        (UNSUBSCRIBED + CLEANED, ',,,,,"2020-01-01 10:00:00",,,', "bounced"),
    ],
)
def test_mailchimps_unsubscribed_and_cleaned_addresses_are_suppressed(more, cells, reason):
    row = "ann@mail.example,Ann,Lee,,2,,,,,,,,,,,,," + cells + "1,e,,\n"

    assert only(MAILCHIMP.format(more=more) + row) == suppression(reason)


@pytest.mark.parametrize(
    ("name", "reason"), [("unsubscribed_email_audience_export_1.csv", "left"), ("cleaned_email_audience_export_1.csv", "bounced")]
)
def test_the_name_of_mailchimps_file_counts_where_its_columns_say_nothing(name, reason):
    text = MAILCHIMP.format(more="") + "ann@mail.example,,,,2,,,,,,,,,,,,,1,e,,\n"

    assert only(text, name=name) == suppression(reason, source=name)


def test_mailchimps_contacts_who_never_subscribed_are_refused():
    text = MAILCHIMP.format(more="") + "ann@mail.example,,,,2,,,,,,,,,,,,,1,e,,\n"

    assert reasons(text, name="nonsubscribed_email_audience_export_1.csv") == ["nobody with this address has asked for the list."]


def test_ghosts_members_come_with_labels_and_who_opted_out_has_left():
    rows = "1,ann@mail.example,Ann,A note,true,false,,2024-01-15T10:00:00.000Z,,vip,Gold\n2,bob@mail.example,,,false,false,,,,,\n3,carl@mail.example,,,true,,,,2024-02-01T00:00:00.000Z,,\n"
    consent = Consent(at=datetime(2024, 1, 15, 10, tzinfo=UTC), source="import of list.csv")
    fields = {"note": "A note", "complimentary_plan": "false", "tiers": "Gold"}

    assert found(GHOST + rows) == [
        entry(name="Ann", tags=("vip",), fields=fields, consent=consent),
        entry("bob@mail.example", status="left", fields={"complimentary_plan": "false"}),
        entry("carl@mail.example", status="left"),
    ]


def test_substacks_free_readers_are_readers_and_disabled_ones_have_left():
    rows = "ann@mail.example,false,,other,false,2025-01-01,\nbob@mail.example,true,,monthly,true,2025-01-01,\n"

    assert [(one.key, one.status) for one in found(SUBSTACK + rows)] == [("ann@mail.example", "active"), ("bob@mail.example", "left")]


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [
        ("regular", "active"), ("premium", "active"), ("past_due", "active"), ("unactivated", "pending"), ("unsubscribed", "left"), ("removed", "left"),
        ("undeliverable", "bounced"), ("complained", "complained"), ("spammy", "left"), ("blocked", "left"),
    ],
)  # fmt: skip
def test_buttondowns_types_are_understood(kind, meaning):
    one = only(BUTTONDOWN + f'1,ann@mail.example,,"{{""town"": ""Rome""}}","a,b",2024-01-01T10:00:00Z,{kind},form\n')

    assert meaning == (one.reason if isinstance(one, Suppression) else one.status)
    if isinstance(one, Entry):
        assert (one.fields, one.tags, one.consent.how) == ({"town": "Rome"}, ("a", "b"), "by way of form")


@pytest.mark.parametrize(("status", "meaning"), [("enabled", "active"), ("disabled", "left"), ("blocklisted", "left")])
def test_listmonks_statuses_are_understood(status, meaning):
    one = only(
        LISTMONK + f'u1,ann@mail.example,Ann,"{{""city"":""Rome"",""age"":7,""none"":null}}",{status},2024-01-01 10:00:00 +0000 UTC,\n'
    )

    assert isinstance(one, Suppression) == (status == "blocklisted")
    assert meaning == (one.reason if isinstance(one, Suppression) else one.status)
    if isinstance(one, Entry):
        assert (one.name, one.fields) == ("Ann", {"city": "Rome", "age": "7"})


def test_attributes_that_are_no_json_cost_a_row():
    assert reasons(LISTMONK + 'u1,ann@mail.example,Ann,"{city",enabled,,\n') == ["its custom fields are no JSON."]


NOT_ACTIVE = ["unsubscribed", "bounced", "cleaned", "complained", "spam", "blocklisted", "pending", "unconfirmed", "who knows", ""]


@pytest.mark.parametrize(
    ("header", "word"), list(product([LISTMONK, BUTTONDOWN, MAILCHIMP.format(more="Status,"), "email,status\n"], NOT_ACTIVE))
)
def test_no_status_but_an_active_one_makes_somebody_active(header, word):
    width = header.count(",") + 1
    names = [cell.strip().strip('"').casefold() for cell in header.split(",")]
    cells = [""] * width
    cells[next(at for at, name in enumerate(names) if name in ("email", "email address"))] = "ann@mail.example"
    cells[next(at for at, name in enumerate(names) if name in ("status", "subscriber_type"))] = word

    one = only(header + ",".join(cells) + "\n")

    assert not (isinstance(one, Entry) and one.status == "active")


def test_every_system_is_told_by_its_columns():
    headers = {"Ghost": GHOST, "Substack": SUBSTACK, "Buttondown": BUTTONDOWN, "listmonk": LISTMONK, "Mailchimp": MAILCHIMP.format(more="")}

    assert {name: listing(header).origin for name, header in headers.items()} == {name: name for name in headers}
    assert {known.name for known in FORMATS} == {*headers, "digest"}
    assert listing("E-Mail,Name\n").origin == "plain"


# --- any other list


def test_a_plain_list_has_names_a_language_tags_and_fields_of_its_own():
    text = "E-mail Address;Full name;Language;Tags;Favourite dish;\nann@mail.example; Ann \u00a0 Lee;en_GB;a, b,a;Pizza;\nbob@mail.example;;Klingon;;;\n"

    assert found(text) == [
        entry(name="Ann Lee", language="en-GB", tags=("a", "b"), fields={"Favourite dish": "Pizza"}),
        entry("bob@mail.example", fields={"language": "Klingon"}),
    ]


def test_a_bare_list_of_addresses_needs_no_header():
    assert [one.key for one in found("ann@mail.example\nbob@mail.example\n")] == ["ann@mail.example", "bob@mail.example"]


@pytest.mark.parametrize("reason", ["bounced", "complained", "left", "by hand"])
def test_any_list_can_be_one_of_addresses_to_suppress(reason):
    text = "address,status\nann@mail.example,active\nnonsense,\n"

    first, second = found(text, suppress=reason)

    assert first == suppression(reason)
    assert isinstance(second, RefusedRow)


def test_a_date_that_could_be_two_days_is_not_guessed():
    assert only("email,created_at\nann@mail.example,03/04/2025\n").consent.at is None


def test_a_list_without_addresses_is_told_with_what_it_has():
    with pytest.raises(SubscriberError, match="it has name, town"):
        listing("name,town\nAnn,Rome\n")


REFUSED = {
    "ann@mail.example,a\x00b\n": "it holds control characters.",
    "ann@mail.example,Ann,more\n": "it has 3 cells, and there are 2 columns.",
    "ann@mail.example," + "x" * 201 + "\n": "the name is longer than 200 characters.",
    "ann@mail,Ann\n": "'ann@mail' is no mail address: The part after the @-sign is not valid. It should have a period.",
    ",Ann\n": "'' is no mail address: An email address must have an @-sign.",
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_refused_row_keeps_its_line_its_reason_and_its_cells(row):
    refused, kept = found("email,name\n" + row + "bob@mail.example,Bob\n")

    assert (refused.line, refused.reason) == (2, REFUSED[row])
    assert refused.cells[0] == row.partition(",")[0]
    assert kept.name == "Bob"


def test_a_row_may_lack_its_last_cells():
    assert only("email,name,town\nann@mail.example\n") == entry()


@given(
    st.lists(st.lists(st.text(max_size=12) | st.sampled_from(["ann@mail.example", "active", '"', "'=1"]), max_size=5), max_size=6),
    st.sampled_from(",;\t"),
)
def test_whatever_stands_in_a_file_each_row_is_told_or_taken(table, sign):
    text = "\n".join(sign.join(row) for row in [["email", "name", "status"], *table])

    for one in found(text.encode("utf-8", "replace").decode()):
        assert isinstance(one, Entry | Suppression) or (one.line > 1 and one.reason.endswith("."))

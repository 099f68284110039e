"""What wires, feeds and exports send is parted into stories, and what is none says why."""

import tomllib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.edit.read import read
from digest.edit.reading.item import Item, item_from_json, item_to_json
from digest.edit.reading.items import part_items
from digest.errors import Unreadable
from digest.model import FURTHER_NOTICE, Document, Failure, Image, Story
from tests.make import a_document

FORMATS = sorted(path for path in (Path(__file__).parents[2] / "formats").iterdir() if path.suffix in (".xml", ".json"))
NEW_YORK = ZoneInfo("America/New_York")
TEXT = "<p>The ferry line stood still on Tuesday.</p>"


def parted(content: str | bytes, *, kind: str = "xml") -> list[Story | Failure]:
    found = part_items(a_document(content, kind=kind, url=f"wire/a.{kind}"), zone=NEW_YORK)
    return [read(one, zone=NEW_YORK) if isinstance(one, Document) else one for one in found]


def one(content: str | bytes, *, kind: str = "xml") -> Story:
    (story,) = parted(content, kind=kind)
    assert isinstance(story, Story), story
    return story


def reason(content: str | bytes, *, kind: str = "xml") -> str:
    (failure,) = parted(content, kind=kind)
    assert isinstance(failure, Failure), failure
    assert failure.hint
    return failure.reason


def nitf(docdata: str = "", *, body: str = TEXT, attributes: str = "") -> str:
    return (
        f"<nitf><head><docdata {attributes}><doc-id id-string='n1'/>{docdata}</docdata></head>"
        f"<body><body.head><hedline><hl1>Ferry strike</hl1></hedline></body.head><body.content>{body}</body.content></body></nitf>"
    )


def ninjs(**names: Any) -> str:
    import json

    return json.dumps(
        {"uri": "urn:x:1", "type": "text", "headlines": [{"value": "Ferry strike"}], "body_text": "The ferry stood still."} | names
    )


@pytest.mark.parametrize("path", FORMATS, ids=lambda path: path.stem)
def test_a_file_is_understood_as_its_golden_file_says(path: Path, rewrite_golden: bool) -> None:
    golden = path.with_suffix(".toml")

    understood = {"story": [told(story) for story in parted(path.read_bytes(), kind=path.suffix[1:])]}

    if rewrite_golden:
        golden.write_text(tomlkit.dumps(understood), encoding="utf-8")
    assert understood == tomllib.loads(golden.read_text(encoding="utf-8"))


def told(found: Story | Failure) -> dict[str, Any]:
    """A story or failure as TOML can hold it: what is empty is left out."""
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(found).items()}
    values["images"] = [{name: inner for name, inner in image.items() if inner} for image in values.get("images", ())]
    return {name: value for name, value in sorted(values.items(), key=lambda item: isinstance(item[1], dict | list)) if value}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
lists = st.lists(texts, max_size=3).map(tuple)
pictures = st.builds(Image, url=texts, alt=texts, caption=texts, credit=texts, width=st.integers(0, 9999))
items = st.builds(Item, guid=texts, url=texts, revision=st.integers(0, 99), headline=texts, paragraphs=lists, tags=lists, usage=texts,
                  images=st.lists(pictures, max_size=2).map(tuple), embargo=texts, withdrawn=st.booleans())  # fmt: skip


@settings(deadline=None)
@given(items)
def test_an_item_reads_back_as_it_was_written(item: Item) -> None:
    assert item_from_json(item_to_json(item), place="x") == item


@settings(deadline=None)
@given(st.binary(max_size=200) | texts.map(lambda text: f"<nitf><body>{text}</body></nitf>".encode()), st.sampled_from(["xml", "json"]))
def test_whatever_a_file_holds_it_is_parted_or_says_why_not(content: bytes, kind: str) -> None:
    for found in part_items(a_document(content, kind=kind), zone=UTC):
        assert isinstance(found, Document) or found.reason


@pytest.mark.parametrize(
    ("content", "kind", "why"),
    [
        ("<urlset/>", "xml", "a sitemap"),
        ("<svg/>", "xml", "no news format, its root is <svg>"),
        ("nothing", "xml", "this is no XML"),
        ("<nitf><body><p>The ferry", "xml", "this XML is broken: line 1"),
        ("<rss><channel/></rss>", "xml", "there is no story in it"),
        ("<newsItem guid='g'><itemMeta/></newsItem>", "xml", "g has no text in it"),
        ('{"a": 1}', "json", "neither ninjs nor a JSON Feed"),
        ('{"uri": ', "json", "this is no JSON"),
        (ninjs(type="video"), "json", "of the type video, no text"),
        (ninjs(body_text=""), "json", "has no text in it"),
    ],
)
def test_what_is_no_story_says_why(content: str, kind: str, why: str) -> None:
    assert why in reason(content, kind=kind)


def test_a_broken_item_does_not_stop_the_others() -> None:
    story, failure = parted(f"[{ninjs()}, {ninjs(type='picture')}]", kind="json")

    assert isinstance(story, Story)
    assert isinstance(failure, Failure)
    assert failure.place == "wire/a.json#2"


# --- what must never be unfolded or fetched


def test_entities_are_never_unfolded_or_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = (
        f'<!DOCTYPE nitf [<!ENTITY l0 "lol">{bomb}<!ENTITY f SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>'
    )

    story = one(doctype + nitf(body="<p>Before &l9; and &f; it is safe &eacute; &amp; sound.</p>"))

    assert story.paragraphs == ("Before &l9; and &f; it is safe é & sound.",)


def test_what_runs_or_is_hidden_in_a_text_is_no_part_of_it() -> None:
    body = "<p>Seen.</p><script>alert(1)</script><style>p{}</style><p onclick='x()'>Seen &lt;b&gt;too&lt;/b&gt;.</p>"

    assert one(ninjs(body_html=body, body_text=""), kind="json").paragraphs == ("Seen.", "Seen too.")


# --- what holds a story back


@pytest.mark.parametrize(
    ("content", "kind", "until"),
    [
        (nitf("<date.release norm='20250812T120000'/>"), "xml", datetime(2025, 8, 12, 16, tzinfo=UTC)),
        (nitf(attributes="management-status='embargoed'"), "xml", FURTHER_NOTICE),
        (nitf("<date.release norm='20250812T120000Z'/>", attributes="management-status='withheld'"), "xml", FURTHER_NOTICE),
        (ninjs(embargoed="2025-08-12T12:00:00Z"), "json", datetime(2025, 8, 12, 12, tzinfo=UTC)),
        (ninjs(embargoedReason="Trial"), "json", FURTHER_NOTICE),
        (ninjs(pubStatus="withheld"), "json", FURTHER_NOTICE),
        (ninjs(pubStatus="usable"), "json", None),
    ],
)
def test_an_embargo_is_kept_with_its_end(content: str, kind: str, until: datetime | None) -> None:
    assert one(content, kind=kind).embargo_until == until


def test_an_embargo_whose_end_cannot_be_read_holds_the_story_back() -> None:
    with pytest.raises(Unreadable, match="embargoed, and the end cannot be read"):
        parted(ninjs(embargoed="03/04/2025 12:00"), kind="json")


def test_a_story_counts_as_published_when_its_embargo_ends() -> None:
    dated = {"versionCreated": "2025-08-12T12:00:00Z"}

    assert one(ninjs(**dated, embargoed="2025-08-13T06:00:00Z"), kind="json").published_at == datetime(2025, 8, 13, 6, tzinfo=UTC)
    assert one(ninjs(**dated, embargoed="2025-08-11T06:00:00Z"), kind="json").published_at == datetime(2025, 8, 12, 12, tzinfo=UTC)
    assert one(ninjs(**dated, pubStatus="withheld"), kind="json").published_at == datetime(2025, 8, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", ["canceled", "cancelled", "killed", "stat:canceled", "Withdrawn"])
def test_a_kill_needs_no_text(status: str) -> None:
    story = one(ninjs(pubStatus=status, body_text="", headlines=[], slugline="FERRY"), kind="json")

    assert story.withdrawn
    assert story.headline == "FERRY"


def test_versions_of_an_item_are_one_story() -> None:
    first, second = one(ninjs(version="1"), kind="json"), one(ninjs(version="2", headlines=[{"value": "Strike ends"}]), kind="json")

    assert first.id == second.id
    assert (first.revision, second.revision) == (1, 2)


def test_a_picture_goes_with_the_text_that_a_message_binds_it_to() -> None:
    picture = (
        "<newsItem guid='p'><itemMeta><itemClass qcode='ninat:picture'/></itemMeta><contentSet>"
        "<remoteContent href='https://x.example/p.jpg' contenttype='image/jpeg'/></contentSet></newsItem>"
    )

    def text(guid: str, more: str = "") -> str:
        content = f"<contentSet><inlineData>The text of {guid}.</inlineData></contentSet>"
        return f"<newsItem guid='{guid}'><itemMeta><itemClass qcode='ninat:text'/>{more}</itemMeta>{content}</newsItem>"

    link = "<link residref='p'/>"
    alone = parted(f"<newsMessage>{text('a')}{picture}</newsMessage>")
    linked = parted(f"<newsMessage>{text('a')}{text('b', link)}{picture}</newsMessage>")

    assert [len(story.images) for story in alone if isinstance(story, Story)] == [1]
    assert [len(story.images) for story in linked if isinstance(story, Story)] == [0, 1]

import gzip
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.gather.files import LARGEST, gather_files, kind_of
from digest.model import Document, Failure, Source
from tests.make import A_TUESDAY


def a_source(files: str = "stories", **changes: Any) -> Source:
    return Source(**{"name": "Garrison Post", "files": files} | changes)


def write(root: Path, name: str, content: bytes | str = "The pier opens on Tuesday.") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def gathered(root: Path, files: str = "stories", **changes: Any) -> list[Document | Failure]:
    return list(gather_files(a_source(files, **changes), root, now=A_TUESDAY))


def places(found: list[Document | Failure]) -> list[str]:
    return [item.url if isinstance(item, Document) else f"! {item.place}" for item in found]


def the_failure(found: list[Document | Failure]) -> Failure:
    (failure,) = found
    assert isinstance(failure, Failure)
    assert failure.reason
    assert failure.hint
    return failure


# --- what a source names


def test_a_folder_gives_every_story_in_it_in_the_order_of_paths(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/b/page.HTML", "c.jsonl", "README.md", "picture.png", "notes.pdf"):
        write(tmp_path, f"stories/{name}", "{}")

    found = gathered(tmp_path)

    assert places(found) == ["stories/README.md", "stories/a/b/page.HTML", "stories/a/z.md", "stories/b.txt", "stories/c.jsonl#1"]
    assert [item.kind for item in found if isinstance(item, Document)] == ["markdown", "html", "markdown", "text", "record"]


def test_hidden_files_and_what_editors_leave_behind_are_skipped(tmp_path: Path) -> None:
    for name in (".hidden.md", ".git/a.md", "a.md~", ".a.md.swp", "a.txt.bak", "a.md.tmp", "~$a.md", "#a.md#", "a.md"):
        write(tmp_path, f"stories/{name}")
    (tmp_path / "stories/.#a.md").symlink_to("desk@host.1234")

    assert places(gathered(tmp_path)) == ["stories/a.md"]
    assert places(gathered(tmp_path, "stories/**/*.md")) == ["stories/a.md"]


def test_a_glob_gives_what_it_matches(tmp_path: Path) -> None:
    for name in ("a.md", "deep/b.md", "c.txt", "d.png"):
        write(tmp_path, f"stories/{name}")

    assert places(gathered(tmp_path, "stories/**/*.md")) == ["stories/a.md", "stories/deep/b.md"]
    assert places(gathered(tmp_path, "stories/*")) == ["stories/a.md", "stories/c.txt"]


def test_a_file_with_a_sign_of_a_glob_in_its_name_can_be_named(tmp_path: Path) -> None:
    write(tmp_path, "stories/[wire] a.txt")

    assert places(gathered(tmp_path, "stories/[wire] a.txt")) == ["stories/[wire] a.txt"]


def test_a_document_carries_its_place_its_time_and_what_the_source_settled(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.txt", "Café")
    now = datetime(2025, 8, 12, 16, 0, tzinfo=timezone(timedelta(hours=2)))

    (document,) = gather_files(a_source("stories/a.txt", language="fr", tags=("Harbor", "Piers")), tmp_path, now=now)

    assert document == Document(
        source="Garrison Post",
        url="stories/a.txt",
        kind="text",
        content="Café".encode(),
        fetched_at=datetime(2025, 8, 12, 14, 0, tzinfo=UTC),
        hints={"language": "fr", "tags": "Harbor,Piers"},
    )
    assert isinstance(document, Document)
    assert document.fetched_at.tzinfo is UTC


def test_a_source_that_settles_nothing_gives_no_hints(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.txt")

    (document,) = gathered(tmp_path)

    assert isinstance(document, Document)
    assert document.hints == {}


def test_an_empty_folder_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "stories").mkdir()

    assert gathered(tmp_path) == []


@pytest.mark.parametrize("files", ["missing", "missing/a.md", "missing/*.md", "stories/*.html", "stories/**/*.pdf"])
def test_a_source_that_matches_nothing_is_one_failure_that_names_it(tmp_path: Path, files: str) -> None:
    write(tmp_path, "stories/a.md")
    write(tmp_path, "stories/a.pdf")

    failure = the_failure(gathered(tmp_path, files))

    assert failure.place == files
    assert files in failure.reason
    assert str(tmp_path) in failure.reason


def test_a_file_of_an_unknown_kind_is_a_failure_only_when_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.pdf")

    assert gathered(tmp_path, "stories") == []
    assert "a.pdf is no kind of file" in the_failure(gathered(tmp_path, "stories/a.pdf")).reason


@pytest.mark.parametrize("files", ["", "..", "../other", "stories/../../x", "/etc/hostname", "../*.md"])
def test_a_source_cannot_name_what_is_outside_the_newsroom(tmp_path: Path, files: str) -> None:
    assert "no place inside the newsroom" in the_failure(gathered(tmp_path, files)).reason


@pytest.mark.parametrize("files", ["stories/***.md[", "stories/**.md", "stories/[a", "stories/\x00*"])
def test_an_odd_glob_is_a_failure_not_a_crash(tmp_path: Path, files: str) -> None:
    assert isinstance(the_failure(gathered(tmp_path, files)), Failure)


def test_one_bad_source_stops_none_of_the_others(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.md")

    found = [one for source in (a_source("missing"), a_source("stories")) for one in gather_files(source, tmp_path, now=A_TUESDAY)]

    assert places(found) == ["! missing", "stories/a.md"]


# --- links


def test_a_link_that_leads_out_of_the_newsroom_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path, "elsewhere/secret.txt", "secret")
    root = tmp_path / "newsroom"
    write(root, "stories/a.txt")
    (root / "stories/b.txt").symlink_to(secret)
    (root / "stories/c").symlink_to(secret.parent)
    (root / "outside").symlink_to(secret.parent)

    assert places(gathered(root)) == ["stories/a.txt", "! stories/b.txt", "! stories/c"]
    assert "leads out" in the_failure(gathered(root, "stories/b.txt")).reason
    assert "leads out" in the_failure(gathered(root, "outside")).reason
    assert places(gathered(root, "outside/*.txt")) == ["! outside/secret.txt"]


def test_a_link_within_the_newsroom_is_followed_but_not_in_circles(tmp_path: Path) -> None:
    write(tmp_path, "wire/a.txt")
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories/wire").symlink_to(tmp_path / "wire")
    (tmp_path / "wire/round").symlink_to(tmp_path / "stories")

    assert places(gathered(tmp_path)) == ["stories/wire/a.txt"]


def test_a_newsroom_that_is_reached_by_a_link_is_read(tmp_path: Path) -> None:
    write(tmp_path, "real/stories/a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert places(gathered(tmp_path / "link")) == ["stories/a.txt"]


# --- what cannot be read


def test_a_link_to_nowhere_is_a_failure_and_the_next_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, "stories/b.txt")
    (tmp_path / "stories/a.txt").symlink_to(tmp_path / "stories/gone.txt")

    assert places(gathered(tmp_path)) == ["! stories/a.txt", "stories/b.txt"]
    assert places(gathered(tmp_path, "stories/a.txt")) == ["! stories/a.txt"]


def test_a_link_to_itself_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "stories").mkdir()
    (tmp_path / "stories/a.txt").symlink_to("a.txt")

    assert places(gathered(tmp_path)) == ["! stories/a.txt"]


def test_a_folder_that_is_named_like_a_file_is_no_story(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.txt/b.txt")

    assert places(gathered(tmp_path, "stories/*.txt")) == ["! stories/a.txt"]
    assert places(gathered(tmp_path, "stories")) == ["stories/a.txt/b.txt"]


def test_a_pipe_does_not_hang_the_build(tmp_path: Path) -> None:
    (tmp_path / "stories").mkdir()
    os.mkfifo(tmp_path / "stories/a.txt")

    assert "not a file" in the_failure(gathered(tmp_path)).reason


def test_a_file_that_vanishes_meanwhile_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.txt")
    gone = write(tmp_path, "stories/b.txt")

    found = gather_files(a_source(), tmp_path, now=A_TUESDAY)
    first = next(found)
    gone.unlink()

    assert places([first, *found]) == ["stories/a.txt", "! stories/b.txt"]


def test_a_name_that_is_not_utf8_can_be_printed_and_stored(tmp_path: Path) -> None:
    (tmp_path / "stories").mkdir()
    with open(os.fsencode(tmp_path / "stories") + b"/caf\xe9.txt", "wb") as file:  # noqa: PTH123  # pathlib has no names in bytes
        file.write(b"x")

    (document,) = gathered(tmp_path)

    assert isinstance(document, Document)
    assert document.url == "stories/caf�.txt"


def test_a_document_of_over_ten_megabytes_is_refused_with_its_size(tmp_path: Path) -> None:
    write(tmp_path, "stories/fits.txt", b"x" * LARGEST)
    with write(tmp_path, "stories/huge.html").open("r+b") as file:
        file.truncate(52_400_000)

    fits, huge = gathered(tmp_path)

    assert isinstance(fits, Document)
    assert "52.4 MB" in the_failure([huge]).reason
    assert "10 MB" in the_failure([huge]).reason


# --- gzip


def test_a_packed_page_is_unpacked(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.html.gz", gzip.compress(b"<p>Pier</p>"))

    (document,) = gathered(tmp_path)

    assert isinstance(document, Document)
    assert (document.kind, document.content) == ("html", b"<p>Pier</p>")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(b"<p>Pier</p>" * 1000)[:-12], "cut short"),
        (b"<p>not packed</p>", "no sound gzip file"),
        (gzip.compress(b"<p>Pier</p>" * 9)[:-8] + b"\x00" * 8, "no sound gzip file"),
        (gzip.compress(b"x" * 40_000_000), "over 10 MB"),
    ],
)
@pytest.mark.parametrize("name", ["a.html.gz", "a.jsonl.gz"])
def test_a_bad_gzip_file_is_a_failure(tmp_path: Path, content: bytes, says: str, name: str) -> None:
    write(tmp_path, f"stories/{name}", content)

    assert says in the_failure([item for item in gathered(tmp_path) if isinstance(item, Failure)][:1]).reason


@pytest.mark.parametrize("unit", [b"x" * 1000, b"\n", b"{}" + b" " * 1000 + b"\n"], ids=["one line", "empty lines", "many lines"])
def test_a_bomb_of_records_is_stopped(tmp_path: Path, unit: bytes) -> None:
    write(tmp_path, "stories/a.jsonl.gz", gzip.compress(unit * (30_000_000 // len(unit))))

    found = gathered(tmp_path)

    assert "over 50 times its size" in the_failure(found[-1:]).reason
    assert len(found) < 5_000


# --- records


def test_each_line_of_records_is_a_document_with_its_number(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.jsonl", b'{"id": 1}\n\n  \r\n{"id": 2}\r\n{"id": 3}')

    found = gathered(tmp_path)

    assert places(found) == ["stories/a.jsonl#1", "stories/a.jsonl#4", "stories/a.jsonl#5"]
    assert [item.content for item in found if isinstance(item, Document)] == [b'{"id": 1}', b'{"id": 2}', b'{"id": 3}']


def test_a_line_that_is_too_long_is_a_failure_and_the_next_ones_are_read(tmp_path: Path) -> None:
    write(tmp_path, "stories/a.jsonl", b'{"id": 1}\n' + b"x" * (2 * LARGEST) + b'\n{"id": 3}\n')

    found = gathered(tmp_path)

    assert places(found) == ["stories/a.jsonl#1", "! stories/a.jsonl#2", "stories/a.jsonl#3"]
    assert "over 10 MB" in the_failure(found[1:2]).reason


def test_a_long_list_is_read_line_by_line(tmp_path: Path) -> None:
    line = b'{"text": "' + b"x" * 100_000 + b'"}\n'
    write(tmp_path, "stories/a.jsonl", line * 300)

    tracemalloc.start()
    count = sum(1 for _ in gather_files(a_source(), tmp_path, now=A_TUESDAY))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 300
    assert peak < 3_000_000


def test_records_before_the_end_of_a_file_cut_short_are_kept(tmp_path: Path) -> None:
    noise = "".join(f'{{"id": {number}, "text": "{number * 7919 % 10007}"}}\n' for number in range(30_000)).encode()
    write(tmp_path, "stories/a.jsonl.gz", gzip.compress(noise)[:-100])

    found = gathered(tmp_path)

    assert sum(isinstance(item, Document) for item in found) > 20_000
    assert "cut short" in the_failure(found[-1:]).reason


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=20), max_size=20))
def test_no_line_that_holds_anything_is_lost(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    root = tmp_path_factory.mktemp("newsroom")
    write(root, "stories/a.jsonl", "\n".join(lines))

    found = gathered(root)

    expected = [(number, line.encode().strip()) for number, line in enumerate(lines, 1) if line.encode().strip()]
    assert [(item.url, item.content) for item in documents(found)] == [(f"stories/a.jsonl#{n}", content) for n, content in expected]


def documents(found: list[Document | Failure]) -> Iterator[Document]:
    return (item for item in found if isinstance(item, Document))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.MD", "markdown"), ("a.b.markdown", "markdown"), ("a.htm", "html"), ("a.html.gz", "html"), ("a.gz", ""), (".md", ""), ("md", "")],
)
def test_the_name_tells_the_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind

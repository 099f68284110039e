"""Plain text fits its columns and loses nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.printing.plaintext import tidy, width, wrap


@pytest.mark.parametrize(
    ("text", "columns"),
    [("plain", 5), ("회담", 4), ("首脳会談", 8), ("cafe\u0301", 4), ("e\u200db", 2), ("🚀", 2), ("", 0)],
)
def test_width_is_what_a_terminal_shows(text, columns):
    assert width(text) == columns


def test_words_stay_whole():
    assert wrap("the harbor commission approved it", 14) == "the harbor\ncommission\napproved it"


def test_an_address_is_never_broken():
    address = "https://garrisonpost.example/" + "long-" * 30

    lines = wrap(f"Read it at {address} tonight", 40).splitlines()

    assert lines == ["Read it at", address, "tonight"]


def test_chinese_breaks_between_characters_but_never_before_a_full_stop():
    lines = wrap("外務省は火曜日に会談を行うと発表した。首相も出席する。", 18).splitlines()

    assert all(width(line) <= 20 for line in lines)
    assert not any(line.startswith("。") for line in lines)
    assert "".join(lines) == "外務省は火曜日に会談を行うと発表した。首相も出席する。"


def test_korean_breaks_at_its_spaces():
    assert wrap("양국 정상은 화요일에 통화했다", 14) == "양국 정상은\n화요일에\n통화했다"


def test_an_indent_counts():
    assert wrap("one two three", 10, indent="  ") == "  one two\n  three"


def test_every_line_of_an_arabic_paragraph_tells_its_direction():
    lines = wrap("قالت الهيئة إن سفن MSC و Maersk تعود إلى الميناء", 14, way="rtl").splitlines()

    assert lines == ["قالت الهيئة إن", "سفن MSC و", "\u200fMaersk تعود", "إلى الميناء"]
    assert max(map(width, lines)) <= 14


def bare(text: str) -> str:
    """The characters themselves: no blanks, no marks that say which way a line runs."""
    return re.sub("[\\s\u200e\u200f\u2066-\u2069]", "", text)


WORDS = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=90)


@given(st.lists(WORDS, max_size=20))
def test_no_line_is_too_wide_and_no_character_is_lost(words):
    text = " ".join(words)

    wrapped = wrap(text, 30)

    too_wide = [line for line in wrapped.splitlines() if width(line) > 30 and "://" not in line and "mailto:" not in line.lower()]
    assert [line for line in too_wide if width(line) > 32] == []  # a closing mark may hang over the edge
    assert bare(wrapped) == bare(text)
    assert all(line == line.rstrip() for line in wrapped.split("\n"))


def test_tidy_leaves_no_trailing_space_and_one_empty_line_at_most():
    assert tidy("\n\na  \n\n\n\nb\n\n") == "a\n\nb\n"

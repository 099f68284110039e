"""Rows are read from whatever a CSV file was saved as, and one bad row costs no other."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.rows import armed, disarmed, find_encoding, read_rows
from digest.errors import SubscriberError

TEXT = "email,name\nann@mail.example,Zoë “Z” Łuk\n"
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


def rows(content):
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return list(read_rows(file, find_encoding(file, name="list.csv")))


def cells(content):
    return [row.cells for row in rows(content)]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_encoding_is_found(codec):
    assert cells(TEXT.encode(codec))[1][1] == "Zoë “Z” Łuk"


def test_a_file_that_excel_saved_in_windows_1252_is_read_and_named():
    file = io.BytesIO("email;name\nann@mail.example;Zoë “Z”\n".encode("cp1252"))

    encoding = find_encoding(file, name="list.csv")

    assert encoding == "cp1252"
    assert [row.cells for row in read_rows(file, encoding)][1] == ["ann@mail.example", "Zoë “Z”"]


def test_one_broken_byte_does_not_garble_every_other_name():
    content = "email,name\na@mail.example,Zoë\nb@mail.example,Łuk\n".encode() + b"c@mail.example,Ren\xe9e\n"

    assert [row[1] for row in cells(content)] == ["name", "Zoë", "Łuk", "Ren\ufffde"]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_the_header_shows_what_stands_between_cells(sign):
    assert cells(f'"e,m;a\til"{sign}name\na@mail.example{sign}"Lee, Ann; x"\n')[1] == ["a@mail.example", "Lee, Ann; x"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(end):
    assert [(row.line, row.cells) for row in rows(end.join(["a,b", "", "1,2", "", "", "3,4"]))] == [
        (1, ["a", "b"]),
        (3, ["1", "2"]),
        (6, ["3", "4"]),
    ]


def test_a_cell_of_several_lines_is_one_cell():
    assert [(row.line, row.cells) for row in rows('a,b\n1,"two\nlines"\n3,4\n')][1:] == [(2, ["1", "two\nlines"]), (4, ["3", "4"])]


OPEN_QUOTES = {
    "to the end of the file": 'a,b\n1,"open\n2,x\n3,y\n',
    "to the next cell in quotes": 'a,b\n1,"open\n2,"x"\n3,y\n',
    "at the beginning of a row": 'a,b\n"1,open\n2,x\n3,y\n',
    "for more lines than a row has": 'a,b\n1,"open\n' + "2,x\n" * 500,
}


@pytest.mark.parametrize("content", OPEN_QUOTES.values(), ids=OPEN_QUOTES)
def test_a_quotation_mark_that_never_closes_costs_its_own_row_only(content):
    found = rows(content)

    assert (found[1].line, found[1].fault) == (2, "a quotation mark opens here and does not close")
    assert len(found) == content.count("\n")
    assert not any(row.fault for row in found[2:])
    assert [row.line for row in found] == list(range(1, len(found) + 1))


def test_quotation_marks_that_stand_wrong_cost_one_row():
    found = rows('a,b\n1,"x"y\n2,z\n')

    assert [row.fault for row in found] == ["", "its quotation marks stand wrong", ""]


def test_a_row_of_a_megabyte_costs_one_row():
    found = rows("a,b\n1," + "x" * 1_000_000 + "\n2,y\n")

    assert [bool(row.fault) for row in found] == [False, True, False]
    assert "131,072 characters" in found[1].fault
    assert len(found[1].cells[0]) <= 500


NO_CSV = {
    "empty": b"",
    "blank": b" \r\n \n",
    "a workbook": b"PK\x03\x04" + bytes(range(256)) * 20,
    "gzip": b"\x1f\x8b\x08" + bytes(range(256)) * 20,
    "no text": b"email\n" + bytes(range(128, 256)) * 20,
    "no line ends": b"a" * 11_000_000,
}


@pytest.mark.parametrize("content", NO_CSV.values(), ids=NO_CSV)
def test_what_is_no_csv_is_told_at_once(content):
    with pytest.raises(SubscriberError, match=r"list\.csv") as told:
        rows(content)

    assert told.value.hint


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("email,name\n" + "ann@mail.example,Ann\n" * 200_000)
    tracemalloc.start()

    with path.open("rb") as file:
        assert sum(1 for _ in read_rows(file, find_encoding(file, name="list.csv"))) == 200_001
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 6_000_000


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2).filter(any), min_size=1))
def test_what_the_csv_module_writes_is_read_as_it_was(table):
    file = io.StringIO()
    csv.writer(file).writerows([["first", "second"], *table])

    assert cells(file.getvalue()) == [["first", "second"], *table]


@given(st.text(st.sampled_from("'=+-@\t\rab"), max_size=6))
def test_a_disarmed_cell_is_no_formula_and_can_be_armed_again(text):
    assert not disarmed(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert armed(disarmed(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+1 555", "O'Neil", "'quoted'", ""])
def test_what_was_never_disarmed_stays_as_it_is(text):
    assert armed(text) == text

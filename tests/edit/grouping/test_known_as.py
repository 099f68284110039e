import pytest

from digest.edit.grouping.known_as import _listed, names_of, surname


def test_no_name_stands_in_two_rows():
    listed = [name for kind in ("rows", "people") for row in _listed()[kind] for name in row]

    assert len(listed) == len(set(listed)) > 80
    assert all(name == name.strip() and "/" not in name for name in listed)


def test_a_row_is_found_from_any_of_its_names():
    assert set(names_of("DPRK")) == set(names_of("North Korea"))
    assert names_of("Port Amity/The Amity") == ("Port Amity", "The Amity")


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("Vladimir Putin", "Putin"),
        ("Kim Jong Un", "Kim"),
        ("Moammar Gadhafi", "Gadhafi"),
        ("Putin", ""),
        ("North Korea", ""),
        ("New York", ""),
        ("Supreme Court", ""),
        ("Pier 7", ""),
        ("harbor commission", ""),
    ],
)
def test_only_a_persons_surname_stands_for_the_person(name, last):
    assert surname(name) == last

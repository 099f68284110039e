import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.sentences import ends_in_abbreviation, open_quotations, sentences

PIECES = st.sampled_from(
    [
        *(
            "Sen. Roe",
            "U.S.",
            "the U.S. Navy",
            "a.m.",
            "J. D. Doe",
            "No. 3",
            "Inc.",
            "said",
            "The",
            "He",
            "“No.”",
            '"Yes."',
            "(R-Va.)",
            "...",
            "3.5",
        ),
        *(
            "?",
            "!",
            ".",
            " ",
            "  ",
            "\n",
            "«",
            "»",
            "’",
            "。",
            "؟",
            "harbor",
            "https://a.example/x?y=1",
            "Lt. Col.",
            "…",
            "—",
            "$5",
            "Photo: Post",
        ),
        *("\u00a0", ""),
    ]
)
PARAGRAPHS = st.one_of(st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200))
TITLES = [
    "Gen.",
    "Lt.",
    "Col.",
    "Sgt.",
    "Maj.",
    "Capt.",
    "Adm.",
    "Cmdr.",
    "Sen.",
    "Sens.",
    "Rep.",
    "Reps.",
    "Gov.",
    "Mr.",
    "Mrs.",
    "Dr.",
    "Rev.",
    "St.",
]


def split(paragraph: str) -> list[str]:
    return [paragraph[start:end] for start, end in sentences(paragraph)]


@pytest.mark.parametrize(
    "paragraph",
    [
        "The plan went to Sen. Roe and Reps. Doe and Poe on Friday.",
        "Lt. Col. Ann Roe and Staff Sgt. Lee Doe met Cmdr. Poe at St. Anne.",
        "SEN. ROE MET GOV. DOE.",
        "The U.S. Navy and the U.N. Council talked in Washington D.C. Circuit rooms.",
        "J. D. Roe met George W. Doe.",
        "Doors open at 9 a.m. Monday and close at 8 p.m. EDT.",
        "It ranks No. 3 in Sept. 2024, see p. 12 of Vol. II there.",
        "Roe vs. Doe was heard by Acme Inc. Chairman Poe.",
        "Prices rose 3.5 percent to $4.25 at shop.example/x?id=1 and Yahoo! Mail.",
        "“We are done.” said Roe.",
        '"Why?" he asked.',
        "“Who pays?” Mayor Ann Roe asked.",
        "The plan ... was dropped.",
        "Sen. Roe (D-Mass.) Tuesday left.",
        "1. The mayor left.",
        "He called it “a waste of time.”",
        "Am 3. Oktober kamen z. B. 5 Mio. Euro zu Dr. Roe.",
        "M. Roe a parlé à Mme. Doe.",
        "El Sr. Roe llegó a EE. UU. con la Sra. Doe.",
    ],
)
def test_one_sentence_stays_one(paragraph):
    assert split(paragraph) == [paragraph]


@pytest.mark.parametrize(
    "parts",
    [
        ["It was built in the U.S.", "The Navy owns it."],
        ["It was built in the U.S.", "It’s old."],
        ["He joined Acme Inc.", "Then he left."],
        ["Doors open at 9 a.m.", "Entry is free."],
        ["He said no.", "Three ships left."],
        ["“We won.”", "“We are glad.”"],
        ['"We won."', "The crowd left."],
        ["(He left.)", "She stayed."],
        ["Was it late?", "Yes!", "It was."],
        ["They waited...", "Then it rained."],
        ["She lives in World War I.", "He does not."],
        ["« Bonjour. »", "Il partit."],
        ["„Ja.“", "Er ging."],
        ["¿Quién es?", "¡Vamos!", "Es tarde."],
        ["قال الرئيس ذلك.", "هل هذا صحيح؟", "نعم."],
        ["The pier at dusk.", "Photo: Garrison Post", "Source: Harbor office."],
        ["500 people came.", "30 stayed.", "$5 was paid."],
    ],
)
def test_each_sentence_ends_where_it_should(parts):
    assert split(" ".join(parts)) == parts


def test_chinese_and_japanese_stops_need_no_space():
    assert split("これは文です。「行く。」と言った。次！") == ["これは文です。", "「行く。」と言った。", "次！"]


def test_a_lost_space_after_a_stop_still_ends_the_sentence():
    assert split("He left.The door closed. Join Change.Org today.") == ["He left.", "The door closed.", "Join Change.Org today."]


@given(PARAGRAPHS)
def test_spans_cover_every_character_that_is_not_a_space_in_order(paragraph):
    spans = sentences(paragraph)

    assert "".join("".join(paragraph[a:b].split()) for a, b in spans) == "".join(paragraph.split())
    assert all(a < b and paragraph[a:b] == paragraph[a:b].strip() for a, b in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@given(st.lists(st.one_of(st.sampled_from(TITLES), st.sampled_from(["Roe", "The", "He", "met", "left."])), min_size=1, max_size=20))
def test_no_sentence_but_the_last_ends_after_a_title(words):
    assert not any(sentence.endswith(tuple(f" {title}" for title in TITLES)) for sentence in split(" ".join(words))[:-1])


@pytest.mark.parametrize("piece", [".", ". ", "A. ", '!" A ', "a.b.", "Photo: A", "»", "。", " "])
def test_time_grows_with_length_and_not_faster(piece):
    def seconds(times: int) -> float:
        began = time.process_time()
        sentences(piece * times)
        return time.process_time() - began

    assert seconds(40_000) < 12 * max(seconds(10_000), 0.01)


def test_quotations_are_followed_across_sentences():
    assert open_quotations("“We won. ") == ("“", False)
    assert open_quotations("We tried,” he said.", "“") == ("", False)
    assert open_quotations("We tried,” he said.") == ("", True)
    assert open_quotations("The workers’ '90s hall isn't 6'2\" high, ‘they’ say.") == ("", False)
    assert open_quotations('He said "no" and „ja“ and «non».') == ("", False)


def test_a_stop_that_belongs_to_an_abbreviation_is_told_apart():
    assert ends_in_abbreviation("in the U.S.")
    assert ends_in_abbreviation("met the Sen.")
    assert not ends_in_abbreviation("He left.")
    assert not ends_in_abbreviation("the U.S")

"""What a person types after --to means one list, and says so when it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.segment import read_segment, write_segment
from digest.errors import SubscriberError
from digest.model import Segment

NAMES = st.text("abcdefgh-", min_size=1, max_size=8)


@given(NAMES, st.lists(NAMES), st.lists(NAMES))
def test_a_segment_reads_back_as_it_was_written(list_, tags, languages):
    segment = Segment(list=list_, tags=tuple(tags), languages=tuple(languages))

    assert read_segment(write_segment(segment).split(), list_="other") == segment


def test_without_a_list_the_editions_own_is_meant():
    assert read_segment(["tag:members"], list_="weekly") == Segment(list="weekly", tags=("members",))


@pytest.mark.parametrize("words", [["weekly", "daily"], ["tags:members"], ["tag:"], [""]])
def test_what_means_nothing_is_refused(words):
    with pytest.raises(SubscriberError):
        read_segment(words, list_="weekly")

"""No story is lost and none comes twice, whenever a gather over fifty sources is killed. `benchmarks/gather.py` does it twenty times as long."""

from digest.store.addresses import Addresses
from digest.workflow import poll
from tests import killed_gather
from tests.gather.site import a_site
from tests.killed_gather import A_DAY, SOURCES, torment


def test_kills_in_a_gather_over_fifty_sources_lose_and_double_nothing(tmp_path):
    with a_site() as site:
        report = torment(tmp_path, site, days=3, kills=8)

    assert report.strange == []
    assert report.holds()
    assert report.kills >= 16
    assert report.between >= 10  # most kills came while stories were being kept
    assert report.stories == 3 * A_DAY * (SOURCES - 1)
    assert report.versions > 0


def test_a_feed_that_is_noted_before_its_stories_are_kept_is_caught_by_this_test(tmp_path, monkeypatch):
    look = poll._look

    def hastily(round, url, before, *, inner=False):
        answer, address = look(round, url, before, inner=inner)
        round.newsroom.addresses.note([address])
        return answer, address

    monkeypatch.setattr(poll, "_look", hastily)
    monkeypatch.setattr(killed_gather, "POINTS", {"keeping": (1, 1, 4)})

    with a_site() as site:
        report = torment(tmp_path, site, days=1, kills=1)

    assert report.lost > 0
    assert not report.holds()


def test_entries_that_are_noted_without_their_names_are_caught_by_this_test(tmp_path, monkeypatch):
    note = Addresses.note
    monkeypatch.setattr(Addresses, "note", lambda self, addresses=(), names=(): note(self, addresses))
    monkeypatch.setattr(killed_gather, "POINTS", {"telling": (1, 50, 50)})

    with a_site() as site:
        report = torment(tmp_path, site, days=1, kills=1)

    assert report.doubled > 0
    assert not report.holds()

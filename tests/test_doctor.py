"""Before the first send, everything that sending needs is looked at, and what is wrong is told with what to do about it."""

import re

from digest.send.records import Records
from digest.workflow.doctor import examine, unready
from tests.approved import reopened
from tests.ledgers import people
from tests.make import CONFIG, a_newsroom
from tests.outside.sink import sink

GOOD = Records(spf="v=spf1 -all", dmarc="v=DMARC1; p=reject", dkim=True)
OUTBOX = '\n[transport]\nkind = "outbox"\n'


def ready(folder, config=CONFIG + OUTBOX):
    from digest.workflow.start import init_newsroom

    room = a_newsroom(folder, config=config)
    init_newsroom(folder)
    return reopened(room)


def verdicts(newsroom, records=GOOD, environment=None):
    return {answer.about: answer.verdict for answer in examine(newsroom, environment or {}, records=lambda domain: records)}


def test_a_newsroom_that_is_ready_has_no_error(tmp_path):
    room = ready(tmp_path)
    people(room.ledger._database, 3)

    found = verdicts(room)

    assert "error" not in found.values()
    assert {about for about, verdict in found.items() if verdict == "warning"} == {"newsroom.unsubscribe_mailbox", "notify"}


def test_every_setting_that_is_missing_is_told(tmp_path):
    bare = re.sub(r"(public_url|address|sender) = .*\n", "", CONFIG)
    room = a_newsroom(tmp_path, config=bare)

    found = verdicts(room)

    errors = {about for about, verdict in found.items() if verdict == "error"}
    assert errors == {"newsroom.sender", "newsroom.address", "newsroom.public_url", "digest.keys", "transport"}
    assert {answer.about for answer in unready(room)} == errors - {"transport"}


def test_keys_that_others_can_read_are_an_error(tmp_path):
    room = ready(tmp_path)
    (tmp_path / "digest.keys").chmod(0o644)

    assert verdicts(room)["digest.keys"] == "error"


def test_what_the_domain_lacks_is_told_and_an_outage_is_not_a_lack(tmp_path):
    room = ready(tmp_path)
    lacking = examine(room, {}, records=lambda domain: Records(spf="", dmarc=None, dkim=False))

    said = {answer.about: answer.said for answer in lacking}

    assert said["SPF"] == said["DKIM"] == "news.garrisonpost.example has none"
    assert said["DMARC"] == "not looked up: no resolver answers"


def test_the_account_is_tried(tmp_path):
    with sink() as server:
        config = CONFIG + f'\n[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        room = ready(tmp_path, config)
        assert verdicts(room)["transport"] == "good"

    (answer,) = (one for one in examine(room, {}, records=lambda domain: GOOD) if one.about == "transport")
    assert answer.verdict == "error"
    assert "does not answer" in answer.said


def test_a_password_that_is_missing_is_told_by_its_name(tmp_path):
    config = CONFIG + '\n[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nusername = "desk"\n'

    (answer,) = (one for one in examine(ready(tmp_path, config), {}, records=lambda domain: GOOD) if one.about == "transport")

    assert "DIGEST_SMTP_PASSWORD" in f"{answer.said} {answer.hint}"


def notices(folder, config, **environment):
    answers = examine(a_newsroom(folder, config=CONFIG + config), environment, records=lambda domain: GOOD)
    return [(one.about, one.verdict, one.said) for one in answers if one.about.startswith(("notify", "DIGEST_NOTIFY"))]


def test_where_notices_go_is_told_and_a_mail_that_cannot_leave_is_an_error(tmp_path):
    mail = '\n[notify]\nmail = "desk@garrisonpost.example"\n'
    smtp = '\n[transport]\nkind = "smtp"\nhost = "127.0.0.1"\nport = 9\n'

    assert [verdict for _, verdict, _ in notices(tmp_path / "a", "")] == ["warning"]
    assert [verdict for _, verdict, _ in notices(tmp_path / "b", mail)] == ["error"]
    assert [verdict for _, verdict, _ in notices(tmp_path / "c", mail + OUTBOX)] == ["warning"]
    assert notices(tmp_path / "d", mail + smtp) == [("notify.mail", "good", "desk@garrisonpost.example")]


def test_of_a_webhook_only_the_host_is_told(tmp_path):
    secret = "https://hooks.example/services/T0K3N"

    assert notices(tmp_path / "a", f'\n[notify]\nwebhook = "{secret}"\n') == [("notify.webhook", "good", "hooks.example")]
    assert notices(tmp_path / "b", "", DIGEST_NOTIFY_WEBHOOK=secret) == [("DIGEST_NOTIFY_WEBHOOK", "good", "hooks.example")]
    assert notices(tmp_path / "c", "", DIGEST_NOTIFY_WEBHOOK="T0K3N") == [
        ("DIGEST_NOTIFY_WEBHOOK", "error", "holds no address that can be used")
    ]

from digest.edit.report import account
from digest.model import Also, Decision, Group
from tests.make import a_brief, a_story, an_issue


def chosen(name: str) -> Decision:
    return Decision(story_id=name, decision="in", reason="published in the window")


def test_every_story_has_one_place_and_one_reason():
    issue = an_issue(
        "u1", "u2", lead=a_brief("u3", also=(Also(story_id="u4", source="AP", url="", headline=""),)), offered=(a_brief("u5"),)
    )
    names = ["u1", "u2", "u3", "u4", "u5", "u6", "u7"]
    decisions = [
        *map(chosen, ["u1", "u3", "u4", "u5", "u6"]),
        *(Decision(story_id=n, decision="out", reason="has no text") for n in ("u2", "u7")),
    ]

    lines = account(
        [a_story(name) for name in names],
        decisions=decisions,
        groups=[Group(title="Harbor", why={"u1": "tag harbor"})],
        issue=issue,
        dropped=["u6"],
    )

    assert [(line.id, line.section, line.decision, line.reason) for line in lines] == [
        ("u1", "Harbor", "in", "published in the window"),
        ("u2", "Harbor", "in", "kept by the editor (has no text)"),
        ("u3", "Lead", "in", "published in the window"),
        ("u4", "Lead", "in", "told under u3, the same event"),
        ("u5", "", "out", "offered: it came after the plan was edited"),
        ("u6", "", "out", "dropped by the editor"),
        ("u7", "", "out", "has no text"),
    ]
    assert lines[0].grouped == "tag harbor"

"""Find the line of plan.toml that a finding is about, however the editor has moved things."""

import re

HEADERS = {"section": r"\[\[\s*section\s*\]\]", "sponsor": r"\[\[\s*sponsor\s*\]\]", "offered": r"\[\[\s*offered\s*\]\]"}
BRIEF = r"\[\[\s*section\s*\.\s*brief\s*\]\]"


def line_of(plan: str, where: str) -> int:
    """The line (the first is 1) of a place such as "section[1].brief[0] (k3v9)", "subject" or "sponsor[0]"; 0 when it is not in the plan.

    A story is found by its id, so that the line is right even where the key path is not.
    """
    lines = plan.splitlines()
    if story := re.search(r"\((\w+)\)$", where):
        at = _matching(lines, rf"story\s*=\s*[\"']{re.escape(story[1])}[\"']")
        return at[0] if at else 0
    path = where.partition(" ")[0]
    if nested := re.match(r"section\[(\d+)\]\.brief\[(\d+)\]", path):
        return _brief_line(lines, int(nested[1]), int(nested[2]))
    name, number = re.fullmatch(r"(\w*)(?:\[(\d+)\])?.*", path).groups()  # type: ignore[union-attr]  # it matches any text
    header = HEADERS.get(name, rf"\[\s*{re.escape(name)}\s*\]|{re.escape(name)}\s*=")
    at = _matching(lines, header)
    return at[int(number or 0)] if name and len(at) > int(number or 0) else 0


def _brief_line(lines: list[str], section: int, brief: int) -> int:
    opens = _matching(lines, HEADERS["section"])
    if section >= len(opens):
        return 0
    ends = opens[section + 1] if section + 1 < len(opens) else len(lines) + 1
    inside = [at for at in _matching(lines, BRIEF) if opens[section] < at < ends]
    return inside[brief] if brief < len(inside) else 0


def _matching(lines: list[str], pattern: str) -> list[int]:
    return [at for at, line in enumerate(lines, start=1) if re.match(rf"\s*(?:{pattern})", line)]

"""Print an issue as an email: one HTML page and one plain text, from the same layout."""

import re
from collections.abc import Mapping
from typing import Any

from digest.edit.printing import plaintext
from digest.edit.printing.direction import MARKS
from digest.edit.printing.inline import inline
from digest.edit.printing.layout import lay_out, picture_address, picture_name
from digest.edit.printing.press import press
from digest.edit.printing.wording import read_toml, words_for
from digest.errors import TemplateError
from digest.model import Email, Issue, Masthead

__all__ = ["picture_address", "picture_name", "render", "theme"]

Tokens = Mapping[str, Mapping[str, str | int]]


def render(
    issue: Issue,
    masthead: Masthead,
    templates: Mapping[str, str],
    *,
    look: str = "front-page",
    view_url: str = "",
    unsubscribe_url: str = "",
    reader: str = "",
    inliner: str = "premailer",
) -> Email:
    """The issue in the form it is sent. Pure: the same values give the same bytes.

    `templates` are relative names ("base.html.j2") to texts; `look` is the name of one of them without its ending. A link whose
    address is "" or not http, https or mailto is not printed. `reader` is the address that the copy goes to. A picture on disk is
    linked under the masthead's public_url, and left out without one. `inliner` as for inline(). Raises TemplateError, naming template
    and line.
    """
    words = words_for(masthead.language, templates)
    page = lay_out(issue, masthead, words, view_url=view_url, unsubscribe_url=unsubscribe_url, reader=reader)
    values: dict[str, Any] = {"page": page, "words": words, "theme": theme(templates, masthead.language)}
    start, end, mark = ("right", "left", MARKS["rtl"]) if page.direction == "rtl" else ("left", "right", "")
    values |= {"start": start, "end": end, "mark": mark}
    _refuse_unknown_look(look, templates)
    typeset = press(templates)
    html = _one_line_each(typeset(f"{look}.html.j2", values))
    return Email(
        subject=page.subject,
        html=inline(html, typeset("inline.css", values), typeset("kept.css", values), inliner=inliner),
        text=plaintext.tidy(typeset("email.txt.j2", values)),
    )


def theme(templates: Mapping[str, str], language: str = "en") -> Tokens:
    """The design's tokens by group: theme.toml, then what the language needs otherwise, then the newsroom's theme.newsroom.toml.

    Raises TemplateError for a token that theme.toml does not know, or of another type.
    """
    language_file = f"words/{language}.toml"
    changes = (
        (language_file, words_for(language, templates).get("theme", {})),
        ("theme.newsroom.toml", read_toml("theme.newsroom.toml", templates)),
    )
    tokens: dict[str, dict[str, str | int]] = read_toml("theme.toml", templates)
    for file, groups in changes:
        for group, changed in groups.items():
            _refuse_unknown(file, group, changed, tokens)
            tokens[group] = tokens[group] | changed
    return tokens


def _refuse_unknown(file: str, group: str, changed: Any, tokens: Tokens) -> None:
    """A slip in a token's name would otherwise change nothing and say nothing."""
    if group not in tokens or not isinstance(changed, dict):
        raise TemplateError(f"{file}: the theme has no group [{group}].", hint=f"There are: {', '.join(tokens)}.")
    for name, value in changed.items():
        known = tokens[group].get(name)
        if known is None:
            raise TemplateError(f"{file}: [{group}] has no token {name}.", hint=f"There are: {', '.join(tokens[group])}.")
        if type(value) is not type(known):
            kind = "a number of pixels" if isinstance(known, int) else "a text in quotes"
            raise TemplateError(f"{file}: [{group}] {name} is {value!r}.", hint=f"It wants {kind}, such as {known!r}.")


def _refuse_unknown_look(look: str, templates: Mapping[str, str]) -> None:
    looks = sorted(name.removesuffix(".html.j2") for name in templates if name.endswith(".html.j2") and "/" not in name)
    looks = [name for name in looks if name != "base"]
    if look not in looks:
        raise TemplateError(f"There is no look {look!r}.", hint=f"There are: {', '.join(looks) or 'none'}.")


def _one_line_each(html: str) -> str:
    """Without indentation: a run of white space around a line's end is one line's end. It shows the same and weighs less."""
    return re.sub(r"\s*\n\s*", "\n", html)

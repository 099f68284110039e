"""The small pages that readers meet: in the newsroom's language, and in the type of its mails."""

from base64 import b64encode
from hashlib import sha256
from typing import Literal

from digest.edit.printing.direction import direction
from digest.edit.printing.layout import web_address
from digest.edit.printing.wording import fill, words_for
from digest.edit.render import theme
from digest.newsroom import Newsroom
from digest.serve.resources import resource

Kind = Literal["leave", "left", "nowhere", "later"]


class Pages:
    """A newsroom's pages. `rules` is the Content-Security-Policy that they keep: no script, no picture, one known style sheet."""

    def __init__(self, newsroom: Newsroom) -> None:
        """As digest.toml and the templates stand now. Raises TemplateError."""
        from jinja2 import Environment, StrictUndefined

        self._masthead, templates = newsroom.settings.masthead, newsroom.templates
        self._words = words_for(self._masthead.language, templates)
        self._titles = {edition.list or edition.name: edition.title for edition in reversed(newsroom.settings.editions)}
        # the style sheet is no HTML: it is printed as it is, and known by its hash
        sheet = Environment(undefined=StrictUndefined).from_string(resource("public.css.j2"))
        self._style = sheet.render(theme=theme(templates, self._masthead.language)).strip()
        self._page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
            resource("public.html.j2")
        )
        known = b64encode(sha256(self._style.encode()).digest()).decode()
        self.rules = (
            f"default-src 'none'; style-src 'sha256-{known}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )

    def show(self, kind: Kind, list: str = "") -> str:
        """A page. `list` is the one that is left."""
        from markupsafe import Markup

        masthead, words = self._masthead, self._words
        title, heading = self._titles.get(list, masthead.publisher), words[f"{kind}_title"]
        return self._page.render(
            language=masthead.language,
            direction=direction(masthead.language),
            publisher=masthead.publisher,
            site=web_address(masthead.site),
            address=masthead.address,
            title=fill(heading, title=title),
            # a name in another script does not turn the sentence round
            heading=Markup.escape(heading).replace("{title}", Markup("<bdi>{}</bdi>").format(title)),
            note=words[f"{kind}_note"],
            button=words["unsubscribe"] if kind == "leave" else "",
            style=Markup(self._style),
        )

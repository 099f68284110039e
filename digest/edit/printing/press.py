"""The press: a template and values in, the printed text out. A template sees what it is given and nothing behind it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digest.edit.printing import direction, plaintext
from digest.errors import TemplateError

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

Typeset = Callable[[str, Mapping[str, Any]], str]
GLOBALS = ("range", "namespace")  # all that a newsletter's template needs of Jinja's own


def press(templates: Mapping[str, str]) -> Typeset:
    """A function that prints a template by its name with the values given.

    It raises TemplateError, naming the template and its line, for one that is missing or broken, that uses a value it was not
    given, or that asks for what it must not see. HTML is escaped in every template but *.txt.j2 and *.css.
    """
    environment = _environment(tuple(sorted(templates.items())))

    def typeset(name: str, values: Mapping[str, Any]) -> str:
        from jinja2 import TemplateNotFound, TemplateSyntaxError

        try:
            return environment.get_template(name).render(values)
        except TemplateNotFound as fault:
            where = "" if fault.name == name else f"{_place(fault, name, templates)}: "
            raise TemplateError(f"{where}There is no template {fault.name}.", hint=f"There are: {_names(templates)}.") from fault
        except TemplateSyntaxError as fault:
            where = f"{fault.name or name}, line {fault.lineno}"
            raise TemplateError(f"{where}: {fault.message}", hint="Compare this line with the template that came with digest.") from fault
        except Exception as fault:  # whatever a template's author got wrong; the place is what helps
            raise TemplateError(f"{_place(fault, name, templates)}: {fault}", hint=_hint(fault)) from fault

    return typeset


@lru_cache(maxsize=8)
def _environment(templates: tuple[tuple[str, str], ...]) -> "Environment":
    """Compiled templates, kept for as long as their texts do not change."""
    from jinja2 import FunctionLoader, StrictUndefined, pass_context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    texts = dict(templates)
    environment = ImmutableSandboxedEnvironment(
        # A name instead of the usual "<template>" lets a fault tell its place.
        loader=FunctionLoader(lambda name: (texts[name], name, None) if name in texts else None),
        # Jinja's own select_autoescape() leaves *.html.j2 unescaped.
        autoescape=lambda name: name is None or not name.endswith((".txt.j2", ".css")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals = {name: environment.globals[name] for name in GLOBALS}
    environment.filters["wrap"] = pass_context(_wrap)
    environment.filters["columns"] = plaintext.width
    environment.filters["apart"] = pass_context(_apart)
    environment.filters["runs"] = direction.runs
    return environment


def _wrap(context: "Context", text: str, way: str = "") -> str:
    """A paragraph in lines of the text part; `way` is the direction of a text that does not run as the page does."""
    return plaintext.wrap(text, way=way or _way(context))


def _apart(context: "Context", text: str) -> str:
    """A name that its line must not be turned round by. In HTML a tag with its own direction: Gmail, Yahoo and Outlook know no <bdi>."""
    from markupsafe import Markup

    way = _way(context)
    if not context.eval_ctx.autoescape:
        return direction.isolated(text, way)
    return Markup('<span dir="{}">{}</span>').format(direction.runs(text), text) if direction.runs_against(text, way) else text


def _way(context: "Context") -> str:
    """The direction of the page that is printed."""
    return str(getattr(context.get("page"), "direction", "ltr"))


def _place(fault: BaseException, name: str, templates: Mapping[str, str]) -> str:
    """The innermost template and line that the fault passed through."""
    place = name
    trace = fault.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file in templates:
            place = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _hint(fault: Exception) -> str:
    from jinja2.exceptions import SecurityError, UndefinedError

    if isinstance(fault, SecurityError):
        return "A template may only print what it is given: page, theme and words."
    if isinstance(fault, UndefinedError):
        return "Look for a slip in the name; a template is given page, theme and words, and what their own comments list."
    return "Compare this line with the template that came with digest."


def _names(templates: Mapping[str, str]) -> str:
    return ", ".join(sorted(templates)) or "none at all"

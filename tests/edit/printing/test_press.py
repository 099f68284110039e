"""A template prints what it is given, and nothing behind it."""

import pytest

from digest.edit.printing.press import press
from digest.errors import TemplateError

FAULTS = (
    "{{ titel }}",
    "{{ page.titel }}",
    "{{ environment }}",
    "{{ config }}",
    "{{ page.__class__ }}",
    "{{ ''.__class__.__mro__ }}",
    "{{ self._x }}",
    "{{ page.title.format.__globals__ }}",
    "{{ '{0.__class__}'.format(page) }}",
    "{% if %}",
    "{% include 'gone.html.j2' %}",
    "{{ 1 // 0 }}",
    "{{ page.stories.append(1) }}",
    "{{ range(10000000) }}",
    "{{ lipsum() }}",
    "{{ cycler }}",
)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_template_and_line(fault):
    templates = {
        "page.html.j2": '{% from "part.html.j2" import part with context %}\n{{ part() }}',
        "part.html.j2": "{% macro part() %}\n\n" + fault + "\n{% endmacro %}",
    }

    with pytest.raises(TemplateError) as caught:
        press(templates)("page.html.j2", {"page": {"title": "x", "stories": [1]}})

    assert caught.value.message.startswith("part.html.j2, line 3: ")
    assert caught.value.hint


def test_a_missing_template_is_named_with_those_there_are():
    with pytest.raises(TemplateError) as caught:
        press({"a.css": "", "b.css": ""})("c.css", {})

    assert caught.value.message == "There is no template c.css."
    assert caught.value.hint == "There are: a.css, b.css."


@pytest.mark.parametrize(
    ("name", "printed"), [("a.html.j2", "&lt;b&gt;"), ("a.html", "&lt;b&gt;"), ("a", "&lt;b&gt;"), ("a.txt.j2", "<b>"), ("a.css", "<b>")]
)
def test_all_is_escaped_but_text_and_sheets(name, printed):
    assert press({name: "{{ words }}"})(name, {"words": "<b>"}) == printed


def test_a_value_is_never_a_template():
    assert press({"a.txt.j2": "{{ words }}"})("a.txt.j2", {"words": "{{ 7*7 }}{% raw %}"}) == "{{ 7*7 }}{% raw %}"

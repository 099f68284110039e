"""A note may emphasise and link, and can do nothing else."""

import pytest

from digest.edit.printing.emphasis import paragraphs
from digest.edit.printing.layout import web_address


def html(text: str) -> str:
    return "|".join(paragraph.html for paragraph in paragraphs(text, web_address))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a *b* **c** d", "a <em>b</em> <strong>c</strong> d"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        ("[the **list**](https://x.example/a?b=1&c=2)", '<a href="https://x.example/a?b=1&amp;c=2">the <strong>list</strong></a>'),
        ("*see [x](https://x.example/)*", '<em>see <a href="https://x.example/">x</a></em>'),
        ("2 * 3 * 4", "2 * 3 * 4"),
        (r"\*as written\*", "*as written*"),
        ("one\ntwo\n\nthree", "one two|three"),
        ("[click](javascript:alert(1))", "click"),
        ("[click](//x.example)", "click"),
        ("[click](/local)", "click"),
        (
            '<script>x</script> <a href="https://x.example">y</a>',
            '&lt;script&gt;x&lt;/script&gt; &lt;a href="https://x.example"&gt;y&lt;/a&gt;',
        ),
        ('[x](https://x.example/"onclick="y)', '<a href="https://x.example/%22onclick=%22y">x</a>'),
    ],
)
def test_only_emphasis_and_good_links_are_printed(text, expected):
    assert html(text) == expected


def test_the_plain_form_has_no_marks_and_every_address_once():
    (paragraph,) = paragraphs("See *[one](https://x.example/1)*, [two](https://x.example/2), [again](https://x.example/1).", web_address)

    assert paragraph.text == "See one, two, again."
    assert paragraph.links == ("https://x.example/1", "https://x.example/2")


def test_a_wall_of_asterisks_takes_no_time():
    assert html("*a " * 20_000) == ("*a " * 20_000).strip()

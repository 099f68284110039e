import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.edit.reading.language import settle_language, spoken_in
from digest.edit.sentences import sentences

ENGLISH = "The harbor commission approved a plan on Tuesday to deepen the main channel, a project that has been argued over for nine years."
SPANISH = (
    "La comisión del puerto aprobó el martes un plan para ahondar el canal, una obra que se discute desde hace nueve años en la ciudad."
)
FRENCH = "La commission du port a adopté mardi un plan pour approfondir le chenal, un projet dont les habitants de la ville parlent depuis des années."
GERMAN = "Die Hafenkommission hat am Dienstag einen Plan beschlossen, nach dem die Fahrrinne vertieft werden soll; über das Vorhaben wird seit neun Jahren in der Stadt gestritten."
PORTUGUESE = "A comissão do porto aprovou na terça-feira um plano para aprofundar o canal, uma obra que se discute há nove anos na cidade e que não é barata."
ITALIAN = "La commissione del porto ha approvato martedì un piano per approfondire il canale, di cui si discute da nove anni e che non è piaciuto alla città."
DUTCH = "De havencommissie heeft dinsdag een plan aangenomen om de vaargeul te verdiepen, waar in de stad al negen jaar over wordt gesproken door de mensen."
CHINESE = "港口委员会星期二通过了加深航道的计划。工程将于十月开始。"
JAPANESE = "港湾委員会は火曜日、航路を深くする計画を承認した。工事は十月に始まる。"
KOREAN = "항만위원회는 화요일 항로를 깊게 하는 계획을 승인했다. 공사는 10월에 시작된다."
ARABIC = "وافقت لجنة الميناء يوم الثلاثاء على خطة لتعميق القناة. هل يبدأ العمل في أكتوبر؟"
RUSSIAN = "Комиссия порта одобрила во вторник план углубления канала, о котором спорили девять лет."
TEXTS = {"en": ENGLISH, "es": SPANISH, "fr": FRENCH, "de": GERMAN, "pt": PORTUGUESE, "it": ITALIAN, "nl": DUTCH}
TEXTS |= {"zh": CHINESE, "ja": JAPANESE, "ko": KOREAN, "ar": ARABIC, "ru": RUSSIAN}


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_a_text_shows_its_language(language, text):
    assert spoken_in(text)[:1] == (language,)


@pytest.mark.parametrize(("language", "text"), TEXTS.items())
def test_what_is_declared_gives_way_to_what_the_text_plainly_is(language, text):
    assert settle_language("xx", [text]) == language


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("en-GB", ENGLISH),
        ("es-MX", SPANISH),
        ("fa", ARABIC),
        ("uk", RUSSIAN),
        ("sv", "Hamnen öppnar igen."),
        ("ko", "Pier 9 — 40 m"),
        ("fr", "Roe, Smith, Doe, Poe"),
        ("de", ""),
        (
            "sv",
            "Hamnkommissionen godkände på tisdagen en plan för att fördjupa farleden, ett projekt som man har talat om i nio år i staden.",
        ),
        (
            "pl",
            "Komisja portowa zatwierdziła we wtorek plan pogłębienia kanału, o którym w mieście mówi się od dziewięciu lat i nie tylko tam.",
        ),
    ],
)
def test_a_declared_language_that_the_text_does_not_deny_stays(declared, text):
    assert settle_language(declared, [text]) == declared


def test_a_foreign_quotation_does_not_turn_a_text_round():
    assert settle_language("en", [ENGLISH, "« Le port est à nous », a dit le maire.", ENGLISH]) == "en"


@given(st.text(max_size=300))
def test_any_text_has_a_language_or_none(text):
    assert isinstance(settle_language("en", [text]), str)


@pytest.mark.parametrize(
    "parts",
    [
        [
            "El Sr. Roe llegó el 3 de oct. a EE. UU. con la Dra. Doe.",
            "Según la Sra. Poe, costó 3.500 euros.",
            "«No es caro.»",
            "¿Quién paga?",
        ],
        ["M. Roe a rencontré Mme Doe, p. ex. le 3 oct. à Paris.", "« C’est fini », a dit le Dr Poe.", "Le prix : 3,5 M€."],
        [
            "Am 3. Oktober kam Dr. Roe mit ca. 40 Mio. Euro, d. h. zu spät.",
            "„Das ist alles“, sagte Prof. Doe.",
            "Der 12. August war z. B. frei.",
        ],
        ["Die Fa. Roe u. a. bauen seit dem 1. Januar.", "Der Hafen der St. Anna ist groß."],
    ],
)
def test_sentences_of_the_neighbours_end_where_they_should(parts):
    paragraph = " ".join(parts)

    assert [paragraph[start:end] for start, end in sentences(paragraph)] == parts


@pytest.mark.parametrize(
    ("text", "number"), [(CHINESE, 2), (JAPANESE, 2), (KOREAN, 2), (ARABIC, 2), ("他问：“谁付钱？”没人回答！是的。", 2)]
)
def test_other_scripts_fall_back_to_their_own_stops(text, number):
    spans = sentences(text)

    assert len(spans) >= number
    assert "".join(text[start:end] for start, end in spans) == "".join(text.split(" ")) or " " in text
    assert all(text[end - 1] in "。！？؟.”" for _, end in spans)

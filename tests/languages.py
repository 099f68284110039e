"""The sample issues in other languages: a plan each in tests/emails, and who publishes it."""

from pathlib import Path

from digest.edit.plan import read_plan
from digest.model import Issue, Masthead

EMAILS = Path(__file__).parent / "emails"
VIEW, UNSUBSCRIBE = "https://news.garrisonpost.example/issues/2025-W33", "https://news.garrisonpost.example/u/inert"
READER = "reader@example.com"
PUBLIC = "https://news.garrisonpost.example"

MASTHEADS = {
    "ar": Masthead(
        publisher="جريدة المرفأ",
        site="https://marfa.example",
        address="12 شارع الميناء، ص.ب. 4410",
        why="تصلك هذه النشرة لأنك اشتركت في «عناوين الأسبوع».",
        public_url=PUBLIC,
        language="ar",
    ),
    "es": Masthead(
        publisher="El Correo del Muelle",
        site="https://muelle.example",
        address="Calle del Muelle, 12",
        why="Recibe este correo porque se suscribió a «Titulares de la semana».",
        public_url=PUBLIC,
        language="es",
    ),
    "ko": Masthead(
        publisher="항구일보",
        site="https://hanggu.example",
        address="항구로 12",
        why="‘주간 헤드라인’을 구독하셔서 이 메일을 보내 드립니다.",
        public_url=PUBLIC,
        language="ko",
    ),
    "uk": Masthead(
        publisher="Портовий вісник",
        site="https://visnyk.example",
        address="вул. Портова, 12",
        why="Ви отримали цей лист, бо підписалися на «Головне за тиждень».",
        public_url=PUBLIC,
        language="uk",
    ),
}


def issue_in(language: str) -> Issue:
    """The sample issue in this language."""
    return read_plan((EMAILS / f"{language}.toml").read_text("utf-8"), where=f"{language}.toml")

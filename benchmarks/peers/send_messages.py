"""Send one mail to many readers through Django's send_messages: python send_messages.py PORT MESSAGES MAIL.json."""

import json
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

port, messages, mail = int(sys.argv[1]), int(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text("utf-8"))
settings.configure(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port)
django.setup()


def written(number: int) -> EmailMultiAlternatives:
    """One reader's mail."""
    leave = f"{mail['leave']}{number}"
    made = EmailMultiAlternatives(
        mail["subject"], mail["text"].replace(mail["leave"], leave), mail["from"], [f"reader{number}@inbox.example"],
        headers={"List-Unsubscribe": f"<{leave}>"},
    )  # fmt: skip
    made.attach_alternative(mail["html"].replace(mail["leave"], leave), "text/html")
    return made


with get_connection() as connection:
    for first in range(1, messages + 1, 100):
        connection.send_messages([written(number) for number in range(first, min(first + 100, messages + 1))])

"""The command line: take the arguments, call one workflow, print what came of it."""

from digest.cli import editing, sending, subscribers  # noqa: F401  (each adds its commands to the app)
from digest.cli.line import app, main, with_bare_flags

__all__ = ["app", "main", "with_bare_flags"]

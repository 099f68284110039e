"""Everything that can go wrong and that a person can mend: one message, one hint."""


class DigestError(Exception):
    """Says what happened and where; `hint` says what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(DigestError):
    """digest.toml cannot be used. `faults` holds every wrong key of the file, not only the first."""

    def __init__(self, message: str, *, faults: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.faults = faults


class Unreadable(DigestError):
    """A document cannot be understood as a story. It becomes a Failure and stops nothing."""


class BadDate(DigestError):
    """A date cannot be read, or could mean two days. It is refused, never guessed."""


class PlanError(DigestError):
    """plan.toml cannot be read as an issue. `faults` holds every wrong place, not only the first."""

    def __init__(self, message: str, *, faults: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.faults = faults


class TemplateError(DigestError):
    """A template cannot be rendered: it is broken, names something unknown, or asks for what it must not see."""


class StoreError(DigestError):
    """The disk or the database would not take or give something."""


class Busy(DigestError):
    """Another digest is at work on the same newsroom."""


class NothingToSend(DigestError):
    """The window is empty or too thin for an issue. Exit code 3."""


class Refused(DigestError):
    """What was asked for may not be done as things stand: nothing is approved, a byte has changed, an error is open.

    `faults` holds every reason when there are several.
    """

    def __init__(self, message: str, *, faults: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.faults = faults


class SubscriberError(DigestError):
    """An address, a list or a file of subscribers cannot be used."""


class TransportError(DigestError):
    """The account that mail leaves by cannot be used: a wrong host, password or certificate. No letter was touched."""

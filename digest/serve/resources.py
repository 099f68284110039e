"""The files of the pages, out of the package."""

from importlib import resources

PAGE = resources.files("digest.serve").joinpath("page")


def resource(name: str) -> str:
    """The text of a file of the pages."""
    return PAGE.joinpath(name).read_text(encoding="utf-8")


def names(ending: str) -> tuple[str, ...]:
    """The files of the pages whose names end so."""
    return tuple(sorted(file.name for file in PAGE.iterdir() if file.name.endswith(ending)))

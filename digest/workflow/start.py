"""Begin: make a newsroom, or lay out the sample one."""

import shutil
from dataclasses import replace
from pathlib import Path

from digest.audience.keys import new_keys_text
from digest.errors import StoreError
from digest.newsroom import CONFIG, KEYS, Newsroom, open_newsroom, shipped_sample, shipped_templates
from digest.store.files import write_new, write_secret
from digest.workflow.build import BuiltIssue


def init_newsroom(folder: Path, *, with_templates: bool = False) -> tuple[Path, ...]:
    """Make a newsroom to start from and return what was made; in one without keys, only those.

    Raises StoreError when nothing is missing.
    """
    if (folder / CONFIG).exists():
        if (folder / KEYS).exists():
            raise StoreError(f"{folder} already holds a {CONFIG} and a {KEYS}.", hint="Name another folder.")
        return (_make_keys(folder),)
    starter = Path(__file__).parents[1] / "starter"
    made = [(folder / path.relative_to(starter), path.read_bytes()) for path in sorted(starter.rglob("*")) if path.is_file()]
    if with_templates:
        made += [(folder / "templates" / name, text.encode()) for name, text in shipped_templates().items()]
    for path, content in made:
        write_new(path, content)
    keys = () if (folder / KEYS).exists() else (_make_keys(folder),)
    return (*(path for path, _ in made), *keys)


def open_sample(folder: Path) -> Newsroom:
    """Copy the sample newsroom into `folder`, give it keys of its own and open it."""
    try:
        shutil.copytree(shipped_sample(), folder, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise StoreError(f"The sample cannot be copied to {folder}: {error}.", hint="Look at the disk and its permissions.") from error
    if not (folder / KEYS).exists():
        _make_keys(folder)
    return open_newsroom(folder)


def _make_keys(folder: Path) -> Path:
    path = folder / KEYS
    write_secret(path, new_keys_text().encode())
    return path


def copy_issue(built: BuiltIssue, issues: Path) -> BuiltIssue:
    """Copy a built issue's files into another folder of issues, without what belongs to its newsroom alone."""
    folder = issues / built.folder.name
    for stale in folder.glob("images/*"):
        stale.unlink()
    for path in sorted(built.folder.rglob("*")):
        if path.is_file():
            write_new(folder / path.relative_to(built.folder), path.read_bytes())
    return replace(built, folder=folder)

"""Begin: make a newsroom, or lay out the sample one."""

import shutil
from dataclasses import replace
from pathlib import Path

from digest.errors import StoreError
from digest.newsroom import CONFIG, Newsroom, open_newsroom, shipped_sample, shipped_templates
from digest.store.files import write_new
from digest.workflow.build import BuiltIssue


def init_newsroom(folder: Path, *, with_templates: bool = False) -> tuple[Path, ...]:
    """Make a newsroom to start from and return what was made. Raises StoreError when there is one already."""
    if (folder / CONFIG).exists():
        raise StoreError(f"{folder} already holds a {CONFIG}.", hint="Name another folder.")
    starter = Path(__file__).parents[1] / "starter"
    made = [(folder / path.relative_to(starter), path.read_bytes()) for path in sorted(starter.rglob("*")) if path.is_file()]
    if with_templates:
        made += [(folder / "templates" / name, text.encode()) for name, text in shipped_templates().items()]
    for path, content in made:
        write_new(path, content)
    return tuple(path for path, _ in made)


def open_sample(folder: Path) -> Newsroom:
    """Copy the sample newsroom into `folder` and open it."""
    try:
        shutil.copytree(shipped_sample(), folder, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise StoreError(f"The sample cannot be copied to {folder}: {error}.", hint="Look at the disk and its permissions.") from error
    return open_newsroom(folder)


def copy_issue(built: BuiltIssue, issues: Path) -> BuiltIssue:
    """Copy a built issue's files into another folder of issues, without what belongs to its newsroom alone."""
    folder = issues / built.folder.name
    for stale in folder.glob("images/*"):
        stale.unlink()
    for path in sorted(built.folder.rglob("*")):
        if path.is_file():
            write_new(folder / path.relative_to(built.folder), path.read_bytes())
    return replace(built, folder=folder)

"""What people install: a wheel with its templates and sample, in an empty environment, used from another folder."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(TOP)], check=True, capture_output=True
    )
    return next(folder.glob("headline_digest-*.whl"))


def test_the_wheel_holds_templates_sample_starter_and_migrations(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    for name in (
        "digest/py.typed", "digest/templates/base.html.j2", "digest/templates/email.txt.j2", "digest/sample/digest.toml",
        "digest/starter/digest.toml", "digest/store/migrations/env.py",
    ):  # fmt: skip
        assert name in names
    assert not [name for name in names if name.startswith("tests") or name.endswith((".db", ".pyc"))]


def test_the_demo_runs_from_the_wheel_in_an_empty_environment(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    lock = TOP / "requirements.lock"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--constraint", lock, wheel], check=True, capture_output=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    done = subprocess.run(
        [tmp_path / "env" / "bin" / "digest", "demo", "--no-open", "--issues", "built"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (elsewhere / "built" / "2025-W33" / "email.html").is_file()
    for name in ("plan.toml", "email.html", "email.txt", "email.eml", "report.json"):
        assert (elsewhere / "built" / "2025-W33" / name).read_bytes() == (TOP / "issues" / "2025-W33" / name).read_bytes(), name

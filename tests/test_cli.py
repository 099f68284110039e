"""The commands as a person types them, each in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.cli import with_bare_flags
from tests.make import CONFIG, a_newsroom, a_story_file

NAMES = ("u1", "u2", "u3", "u4")


def digest(*args: str, cwd: Path, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "digest.cli", *args], cwd=cwd, capture_output=True, text=True, timeout=120, check=False, **more
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["build", "--week"], ["build", "--week=last"]),
        (["build", "--week", "--offline"], ["build", "--week=last", "--offline"]),
        (["build", "--week", "2025-W33"], ["build", "--week", "2025-W33"]),
        (["build", "--week=2025-W33"], ["build", "--week=2025-W33"]),
        (["build", "--day", "--json"], ["build", "--day=last", "--json"]),
        (["build", "--day", "today"], ["build", "--day", "today"]),
        ([], []),
    ],
)
def test_a_bare_week_or_day_is_the_last_one(typed, meant):
    assert with_bare_flags(typed) == meant


def test_all_views_are_written_as_pages(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    digest("build", "--week", "2025-W33", cwd=tmp_path)

    done = digest("preview", "--export", "out/pages", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Wrote {Path('out/pages/index.html')} and ")
    assert (tmp_path / "out" / "pages" / "375-dark.html").is_file()


@pytest.mark.parametrize("week", [["--week", "2025-W33"], ["--week=2025-W33"], ["--since", "2025-08-11", "--until", "2025-08-18"]])
def test_a_window_can_be_said_in_several_ways(tmp_path, week):
    a_newsroom(tmp_path, *NAMES)

    done = digest("build", *week, "--json", cwd=tmp_path / "stories")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"] == len(NAMES)


def test_a_bare_week_is_built_from_the_stories_of_last_week(tmp_path):
    a_newsroom(tmp_path)

    done = digest("build", "--week", "--newsroom", str(tmp_path), cwd=tmp_path.parent)

    assert done.returncode == 3  # the stories folder is empty, so the window is
    assert "Every source failed" not in done.stderr


def test_an_empty_window_exits_3_and_says_so_loudly(tmp_path):
    a_newsroom(tmp_path, *NAMES)

    done = digest("build", "--week", "2025-W20", cwd=tmp_path)

    assert done.returncode == 3
    assert "Nothing was written." in done.stderr
    assert "2025-08-12 09:30" in done.stderr


def test_when_every_source_fails_nothing_is_built(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    (tmp_path / "stories").rename(tmp_path / "gone")

    done = digest("build", "--week", "2025-W33", cwd=tmp_path)

    assert done.returncode == 1
    assert "Every source failed" in done.stderr


@pytest.mark.parametrize("args", [["build"], ["build", "--week", "--day"], ["build", "--until", "2025-08-18"], ["nonsense"]])
def test_wrong_usage_exits_2(tmp_path, args):
    a_newsroom(tmp_path, *NAMES)

    assert digest(*args, cwd=tmp_path).returncode == 2


def test_five_faults_of_digest_toml_are_told_at_once_without_a_traceback(tmp_path):
    a_newsroom(tmp_path)
    bad = CONFIG.replace("zone = ", "zoone = ").replace('rhythm = "week"', 'rhythm = "month"').replace("https://news", "http://news")
    (tmp_path / "digest.toml").write_text(bad.replace('tags = ["harbor"]', "tags = 7").replace('files = "stories"', 'files = "/etc"'))

    done = digest("gather", cwd=tmp_path)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for key in (
        "newsroom.zoone",
        "newsroom.zone",
        "newsroom.public_url",
        "source[0].files",
        "editions.weekly.rhythm",
        "themes.harbor.tags",
    ):
        assert key in done.stderr


def test_outside_a_newsroom_the_next_step_is_named(tmp_path):
    done = digest("build", "--week", cwd=tmp_path)

    assert done.returncode == 1
    assert "digest init DIR" in done.stderr


def test_read_shows_what_was_cut_and_json_has_the_names_of_the_model(tmp_path):
    (tmp_path / "a.txt").write_text(
        "Subscribe\n\nHARBOR CITY (AP) — The tower clock stopped on Tuesday. Nobody was hurt.\n\n©2025 Example Wire L.P.\n"
    )

    plain = digest("read", "a.txt", cwd=tmp_path)
    told = json.loads(digest("read", "a.txt", "--json", cwd=tmp_path).stdout)

    assert "Subscribe" in plain.stdout
    assert told["dateline"] == {"place": "HARBOR CITY", "agency": "AP"}
    assert told["credit"] == "©2025 Example Wire L.P."
    assert told["summary_spans"][0]["paragraph"] == 0
    assert set(told) >= {
        "id", "url", "source", "headline", "headline_made", "dek", "byline", "dateline", "paragraphs", "lead", "summary", "summary_spans",
        "images", "credit", "tags", "published_at", "language", "furniture",
    }  # fmt: skip


def test_stories_are_found_and_explained(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    digest("build", "--week", "2025-W33", cwd=tmp_path)

    listed = digest("stories", "u2", cwd=tmp_path)
    told = digest("explain", listed.stdout.split("\t")[0], cwd=tmp_path)

    assert listed.stdout.count("\n") == 1
    assert "2025-W33    in: published in the window" in told.stdout
    assert "from ¶1" in told.stdout


def test_explain_shows_the_sum_that_ranked_a_story(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    with (tmp_path / "digest.toml").open("a") as config:
        config.write("[ranking]\nlength = 3\n")
    digest("build", "--week", "2025-W33", cwd=tmp_path)
    address = "https://garrisonpost.example/u2"

    lines = digest("explain", address, cwd=tmp_path).stdout.splitlines()
    told = json.loads(digest("explain", address, "--json", cwd=tmp_path).stdout)["ranking"]

    rows = [line for line in lines if " × " in line]
    products = [float(line.rpartition("=")[2]) for line in rows]
    (total,) = (float(line.rpartition("=")[2]) for line in lines if line.lstrip().startswith("total "))
    assert len({line.index("=") for line in lines if " = " in line}) == 1, "the columns stand below each other"
    assert next(line for line in rows if "length" in line).split(" × ")[1].startswith("3 ")
    assert round(sum(products), 2) == total == told["total"]
    assert [part["product"] for part in told["parts"]] == products
    assert 1 <= told["place"] <= told["of"] == len(NAMES)


def test_check_exits_1_on_an_error(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    a_story_file(tmp_path, "u5", image="{file: missing.png, alt: A pier}")
    digest("build", "--week", "2025-W33", cwd=tmp_path)

    done = digest("check", cwd=tmp_path)

    assert done.returncode == 1
    assert "there is no picture missing.png" in done.stdout


def test_a_read_only_folder_is_told_plainly(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    (tmp_path / "issues").write_text("a file where the folder should be")

    done = digest("build", "--week", "2025-W33", cwd=tmp_path)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "issues" in done.stderr


def test_a_full_disk_leaves_the_old_issue_whole(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    digest("build", "--week", "2025-W33", cwd=tmp_path)
    folder = tmp_path / "issues" / "2025-W33"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    a_story_file(tmp_path, "u5")
    digest("gather", cwd=tmp_path)
    small = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000)); sys.argv[1:] = {args!r}; from digest.cli import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", small.format(args=["build", "--week", "2025-W33", "--offline"])],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_two_builds_at_once_do_not_meet(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    command = [sys.executable, "-m", "digest.cli", "build", "--week", "2025-W33"]
    both = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]

    ends = [(one.communicate(timeout=120)[1], one.returncode) for one in both]

    assert 0 in [code for _, code in ends]
    assert all(code == 0 or ("building 2025-W33" in told and code == 1) for told, code in ends), ends
    assert digest("check", cwd=tmp_path).returncode == 0


def test_a_build_killed_at_any_moment_leaves_a_whole_issue(tmp_path):
    a_newsroom(tmp_path, *NAMES)
    digest("build", "--week", "2025-W33", cwd=tmp_path)
    began = time.monotonic()
    digest("build", "--week", "2025-W33", cwd=tmp_path)
    takes = time.monotonic() - began

    for turn in range(8):
        a_story_file(tmp_path, "u1", title=f"The council votes, turn {turn}")
        running = subprocess.Popen(
            [sys.executable, "-m", "digest.cli", "build", "--week", "2025-W33"], cwd=tmp_path, stdout=subprocess.DEVNULL
        )
        time.sleep(takes * (0.55 + 0.06 * turn))
        os.kill(running.pid, signal.SIGKILL)
        running.wait()

        assert digest("check", cwd=tmp_path).returncode == 0
        folder = tmp_path / "issues" / "2025-W33"
        turns = {
            name: (folder / name).read_text().count(f"turn {turn}") > 0 for name in ("plan.toml", "email.html", "email.txt", "report.json")
        }
        assert len(set(turns.values())) == 1, turns


def test_help_imports_nothing_heavy(tmp_path):
    code = "import sys; sys.argv[1:] = ['--help']\nfrom digest.cli import main\ntry: main()\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"

    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split())

    assert not loaded & {
        "trafilatura",
        "premailer",
        "sqlalchemy",
        "alembic",
        "lxml",
        "jinja2",
        "starlette",
        "uvicorn",
        "yaml",
        "babel",
        "tomlkit",
    }

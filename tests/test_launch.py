"""launch.sh on machines that lack something. Its tools are real, except those that a case names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("awk", "bash", "cat", "cksum", "cp", "df", "dirname", "env", "id", "mktemp", "rm", "sed")
UV = f"""#!{shutil.which("bash")}
# Stands for uv without a network: makes real environments, logs what it is asked to install.
printf '%s\\n' "$*" >>"$HOME/uv.log"
case "$1 $2" in
  venv*)
    folder="${{*: -1}}"
    "{sys.executable}" -m venv --without-pip "$folder"
    for site in "$folder"/lib/python*/site-packages; do
      printf '%s\\n' "{sysconfig.get_path("purelib")}" >"$site/tests.pth"
    done
    ;;
  "pip install") [ -z "${{UV_FAILS:-}}" ] ;;
  "pip compile") [ -z "${{UV_FAILS:-}}" ] ;;
esac
"""
APP = "import sys; print('started', *sys.argv[1:]); sys.exit(7 if '--fail' in sys.argv else 0)"


class Machine:
    """A checkout of launch.sh alone, and a PATH with nothing but what a case puts there."""

    def __init__(self, folder: Path):
        self.checkout = folder / "a checkout"
        self.bin = folder / "bin"
        self.home = folder / "home"
        for made in (self.checkout, self.bin, self.home):
            made.mkdir()
        shutil.copy(ROOT / "launch.sh", self.checkout)
        shutil.copy(ROOT / "pyproject.toml", self.checkout)
        (self.checkout / "app.py").write_text(APP)
        for name in (*TOOLS, "tail", "tr"):
            found = shutil.which(name)
            assert found, f"this test needs {name}"
            (self.bin / name).symlink_to(found)

    def tool(self, name: str, text: str) -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def with_python(self) -> None:
        self.tool("python3", f'#!{shutil.which("bash")}\nexec "{sys.executable}" "$@"\n')

    def launch(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.checkout / "launch.sh", *arguments],
            cwd=self.home,
            env={"PATH": str(self.bin), "HOME": str(self.home), **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=600,
        )

    @property
    def uv_calls(self) -> list[str]:
        log = self.home / "uv.log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.strip().splitlines()[-1]


def test_without_python_it_asks_for_python(machine: Machine) -> None:
    done = machine.launch()
    assert done.returncode == 1
    assert last_line(done).startswith("Toile needs Python 3.11 or newer: install it")


def test_an_old_python_is_not_enough(machine: Machine) -> None:
    machine.tool("python3", f'#!{shutil.which("bash")}\ncase "$*" in *3,\\ 11*) exit 1 ;; esac\n')
    done = machine.launch()
    assert done.returncode == 1
    assert "Python 3.11 or newer" in last_line(done)


def test_a_full_disk_is_told_before_anything_is_made(machine: Machine) -> None:
    machine.with_python()
    machine.tool(
        "df",
        f'#!{shutil.which("bash")}\nprintf "head\\n/dev/x 9000000 8000000 1000000 89%% /\\n"\n',
    )
    done = machine.launch()
    assert done.returncode == 1
    assert "needs about 8 GB of free disk space" in last_line(done)
    assert not (machine.checkout / ".venv").exists()


def test_a_missing_venv_module_is_named(machine: Machine) -> None:
    machine.tool(
        "python3",
        f'#!{shutil.which("bash")}\ncase "$*" in *ensurepip*) exit 1 ;; esac\n'
        f'exec "{sys.executable}" "$@"\n',
    )
    done = machine.launch()
    assert done.returncode == 1
    assert "python3-venv" in last_line(done)


def test_without_a_network_it_says_so_and_the_next_start_goes_on(machine: Machine) -> None:
    machine.with_python()
    machine.tool("uv", UV)
    done = machine.launch(UV_FAILS="1")
    assert done.returncode == 1
    assert last_line(done).startswith("The package index does not answer")
    assert machine.launch("--port", "7900").stdout.strip() == "started --port 7900"


def test_a_folder_that_is_no_environment_is_left_alone(machine: Machine) -> None:
    machine.with_python()
    kept = machine.checkout / ".venv" / "letter.txt"
    kept.parent.mkdir()
    kept.write_text("dear all")
    done = machine.launch()
    assert done.returncode == 1
    assert "move it away" in last_line(done)
    assert kept.read_text() == "dear all"


def test_the_second_start_installs_nothing_and_hands_everything_on(machine: Machine) -> None:
    machine.with_python()
    machine.tool("uv", UV)
    assert machine.launch().stdout.strip() == "started"
    calls = machine.uv_calls
    assert any("--editable ." in call for call in calls)
    again = machine.launch("--fail", "two words")
    assert again.returncode == 7
    assert again.stdout.strip() == "started --fail two words"
    assert again.stderr == ""
    assert machine.uv_calls == calls


def test_a_changed_project_is_installed_again_with_its_extras(machine: Machine) -> None:
    machine.with_python()
    machine.tool("uv", UV)
    assert machine.launch("install", "dev").returncode == 0
    assert any("--editable .[dev]" in call for call in machine.uv_calls)
    calls = len(machine.uv_calls)
    assert machine.launch().returncode == 0
    assert len(machine.uv_calls) == calls
    with (machine.checkout / "pyproject.toml").open("a") as file:
        file.write("\n# changed\n")
    assert machine.launch().returncode == 0
    assert any("--editable .[dev]" in call for call in machine.uv_calls[calls:])
    assert machine.launch("install", "metrics").returncode == 0
    assert any("--editable .[dev,metrics]" in call for call in machine.uv_calls)


def test_what_every_start_needs_is_compiled_once(machine: Machine) -> None:
    """Even where no bytecode is to be written: each start would compile the libraries anew."""
    machine.with_python()
    machine.tool("uv", UV)
    engine = machine.checkout / "studio" / "engine"
    engine.mkdir(parents=True)
    (engine / "facade.py").write_text("")
    done = machine.launch("install", PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0 and "Error" not in done.stderr
    assert list((engine / "__pycache__").glob("facade.*.pyc"))


def test_an_unknown_extra_is_named(machine: Machine) -> None:
    done = machine.launch("install", "everything")
    assert done.returncode == 1
    assert last_line(done) == "There is no extra named everything: give vision, metrics or dev."


def test_the_tests_need_a_browser_and_get_the_options(machine: Machine) -> None:
    machine.with_python()
    machine.tool("uv", UV)
    done = machine.launch("test", "--version")
    assert done.returncode == 1
    assert "Chromium" in last_line(done)
    done = machine.launch("test", "--version", CHROMIUM=os.fsdecode(shutil.which("bash") or ""))
    assert done.returncode == 0, done.stderr
    assert "pytest" in done.stdout + done.stderr


def test_help_needs_nothing(machine: Machine) -> None:
    done = machine.launch("--help")
    assert done.returncode == 0
    assert "./launch.sh test" in done.stdout

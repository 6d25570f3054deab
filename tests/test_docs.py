"""What the documents say is true: commands parse, links lead somewhere, no private address."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import shlex
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.test_house import ROOT, tree

DOCUMENTS = sorted(
    path
    for path in tree()
    if path.suffix == ".md" and path.relative_to(ROOT).parts[0] in {"docs", path.name}
)
PROGRAMS = ("python -m studio", "python -m trainer", "python app.py")
TEXT = {".cfg", ".css", ".html", ".js", ".json", ".md", ".py", ".sh", ".svg", ".toml", ".txt", ""}


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def code(text: str) -> list[str]:
    """Lines of fenced blocks, and code within sentences."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, flags=re.M | re.S)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line.strip() for line in [*lines, *re.findall(r"`([^`\n]+)`", rest)]]


def commands(text: str) -> list[list[str]]:
    """Commands of the studio and the trainer as words, without comments."""
    found = []
    for line in code(text):
        if line.startswith(("./launch.sh --", "./launch.sh -")):
            line = line.replace("./launch.sh", "python app.py", 1)
        if line.startswith(PROGRAMS):
            found.append(shlex.split(line, comments=True))
    return found


@cache
def help_of(words: tuple[str, ...]) -> str:
    """What a program prints for `--help`, in this process: starting Python anew costs more."""
    printed = io.StringIO()
    run = runpy.run_module if words[0] == "-m" else runpy.run_path
    program, *rest = words[1:] if words[0] == "-m" else words
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr(sys, "argv", [program, *rest, "--help"])
        patch.setenv("COLUMNS", "200")
        patch.delitem(sys.modules, f"{program}.__main__", raising=False)
        with pytest.raises(SystemExit) as ended:
            run(program if words[0] == "-m" else str(ROOT / program), run_name="__main__")
    assert not ended.value.code, f"{' '.join(words)} --help ends with {ended.value.code}"
    return printed.getvalue()


def objection(command: list[str]) -> str | None:
    """Why a command of a document would not run, or None.

    Its subcommand is known, and every option and every further word in small letters stands in
    that subcommand's help.
    """
    words = command[1:]
    program = tuple(words[:2]) if words[0] == "-m" else tuple(words[:1])
    rest = words[len(program) :]
    plain = [word for word in rest if re.fullmatch(r"[a-z][a-z-]*", word)]
    if rest and rest[0] in plain:
        if not re.search(rf"\b{re.escape(rest[0])}\b", help_of(program)):
            return f"{' '.join(program)} does not know {rest[0]}"
        program = (*program, rest[0])
        if len(rest) > 1 and rest[1] in plain:
            if rest[1] not in help_of(program):
                return f"{' '.join(program)} does not know {rest[1]}"
            program = (*program, rest[1])
    text = help_of(program)
    for word in rest:
        if word.startswith("-") and not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
            return f"{' '.join(program)} has no option {word}"
    return None


@pytest.mark.parametrize("name", names(DOCUMENTS))
def test_every_command_is_understood(name: str) -> None:
    problems = {
        " ".join(command): problem
        for command in commands((ROOT / name).read_text())
        if (problem := objection(command))
    }
    assert not problems


def test_the_reader_of_commands_finds_them() -> None:
    readme = commands((ROOT / "README.md").read_text())
    assert ["python", "-m", "trainer", "family", "publish"] in readme
    assert any(command[:3] == ["python", "-m", "studio"] for command in readme)
    assert any(command[:2] == ["python", "app.py"] for command in readme)
    assert objection(["python", "-m", "studio", "generate", "--no-such-option"])
    assert objection(["python", "-m", "studio", "no-such-command"])


@pytest.mark.parametrize("name", names(DOCUMENTS))
def test_every_link_leads_somewhere(name: str) -> None:
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\(([^)\s]+)\)|<img[^>]+src=\"([^\"]+)\"", text)
    targets = [target for pair in links for target in pair if target]
    missing = [
        target
        for target in targets
        if not re.match(r"[a-z]+:|#", target)
        and not ((ROOT / name).parent / target.split("#")[0]).exists()
    ]
    assert not missing


@pytest.mark.parametrize("name", names(DOCUMENTS))
def test_every_path_in_a_document_exists(name: str) -> None:
    """Code like `studio/request.py` names a file or folder of the checkout."""
    rooms = ("studio/", "trainer/", "tests/", "assets/", "docs/", ".ci/")
    named = {word for word in code((ROOT / name).read_text()) if word.startswith(rooms)}
    missing = [word for word in named if " " not in word and not (ROOT / word).exists()]
    assert not missing


def test_every_bundled_model_has_a_card() -> None:
    for folder in (ROOT / "assets" / "models").glob("*/"):
        assert (folder / "README.md").is_file(), f"{folder.name} has no model card"


def test_the_tree_names_no_private_place() -> None:
    """Neither the addresses of package indexes nor a path of somebody's machine."""
    # Put together here, so that this file does not name them either.
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".", "debian" + ".org"]
    hosts += ["download.py" + "torch.org", "conda" + ".anaconda", "crates" + ".io"]
    folders = ["/" + name + "/" for name in ("root", "work", "home", "Users")]
    folder = re.compile(r"(?<![\w.}])(?:" + "|".join(folders) + r")\w")
    found = []
    for path in tree():
        if path.suffix not in TEXT or path.name == "LICENSE":
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if any(host in line for host in hosts) or folder.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


def test_the_changelog_knows_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## (Unreleased|\d+\.\d+\.\d+)", text, flags=re.M)
    assert re.search(r"^### (Added|Changed|Fixed)", text, flags=re.M)

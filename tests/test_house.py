"""The plan of the house: who may import whom, what stays light, how large things may grow."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MIB = 2**20
LONGEST_FILE = 450
LARGEST_TREE = 56 * MIB
LARGEST_WEIGHTS = 48 * MIB

# Each room, and the rooms of ours that it may import besides itself. The longest name that fits a
# module decides, so a new file in a room needs no entry and a new room does.
WORDS = {
    "studio",
    "studio.errors",
    "studio.files",
    "studio.forms",
    "studio.garment",
    "studio.request",
    "studio.settings",
}
PICTURE_FILES = WORDS | {"studio.pngmeta"}
WEIGHT_FILES = PICTURE_FILES | {"studio.checkpoints"}
ENGINE = WEIGHT_FILES | {
    "studio.controls", "studio.vision", "studio.conditions", "studio.engine", "studio.desk"
}  # fmt: skip
STUDIO = ENGINE | {"studio.gallery", "studio.export", "studio.page", "studio.bench", "studio.cli"}
STUDIO |= {"studio.weights_report", "studio.options"}
ROOMS: dict[str, set[str]] = {
    "studio": {"studio.later"},
    "studio.later": set(),
    "studio.errors": set(),
    "studio.files": set(),
    "studio.forms": {"studio.errors"},
    "studio.garment": {"studio.errors", "studio.forms"},
    "studio.settings": {"studio.errors"},
    "studio.options": set(),
    "studio.tile": set(),
    "studio.request": {
        "studio.errors",
        "studio.forms",
        "studio.garment",
        "studio.options",
        "studio.tile",
    },
    "studio.controls": WEIGHT_FILES
    | {"studio.options", "studio.tile", "studio.vision", "studio.conditions"},
    "studio.pngmeta": WORDS,
    "studio.desk": WEIGHT_FILES
    | {"studio.controls", "studio.options", "studio.tile", "studio.vision", "studio.conditions"}
    | {"studio.engine", "studio.gallery", "studio.export"},
    "studio.checkpoints": {"studio.errors", "studio.forms"},
    "studio.vision": WEIGHT_FILES,
    "studio.conditions": WEIGHT_FILES | {"studio.vision"},
    "studio.engine": WEIGHT_FILES | {"studio.vision", "studio.controls", "studio.conditions"},
    "studio.gallery": PICTURE_FILES | {"studio.controls"},
    "studio.export": PICTURE_FILES | {"studio.controls", "studio.gallery"},
    "studio.page": ENGINE | {"studio.gallery", "studio.export", "studio.tile"},
    "studio.weights_report": {"studio.errors", "studio.checkpoints", "studio.conditions"},
    "studio.bench": ENGINE | {"studio.gallery"},
    "studio.cli": STUDIO - {"studio.page"},
    "studio.__main__": STUDIO - {"studio.page"},
    "app": STUDIO,
    "trainer": ENGINE - {"studio.settings"} | {"studio.options"},
}


def tree() -> list[Path]:
    """Files of the checkout: what git tracks or would track; without git, all but hidden ones."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
        files = [ROOT / name for name in listed.split("\0") if name]
    else:
        files = [
            path
            for path in ROOT.rglob("*")
            if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
            and path.relative_to(ROOT).parts[0] not in {"data", "runs"}
        ]
    return [path for path in files if path.is_file()]


def module_name(path: Path) -> str:
    """`studio/garment/__init__.py` is studio.garment; `app.py` is app."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def our_modules() -> dict[str, Path]:
    """Every module of the program (not of its tests) by name."""
    return {
        module_name(path): path
        for path in tree()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in {"app.py", "studio", "trainer"}
    }


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Absolute names of all modules that a file imports anywhere in it, with the line."""
    own = module_name(path).split(".")
    package = own if path.name == "__init__.py" else own[:-1]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name, node.lineno
            for alias in node.names:
                if f"{name}.{alias.name}" in our_modules():
                    yield f"{name}.{alias.name}", node.lineno


def room_of(module: str) -> str:
    fitting = [room for room in ROOMS if module == room or module.startswith(room + ".")]
    return max(fitting, key=len)


def test_every_import_runs_the_right_way() -> None:
    wrong = []
    for module, path in our_modules().items():
        room = room_of(module)
        for name, line in imports(path):
            if name.split(".")[0] not in {"app", "studio", "trainer", "tests"}:
                continue
            target = name if name.startswith("tests") else room_of(name)
            if target != room and target not in ROOMS[room]:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {room} may not import {name}")
    assert not wrong, "\n".join(wrong)


def imported(path: Path) -> set[str]:
    """Our modules that a file imports, for types alone as well."""
    names = {name for name, _ in imports(path)}
    return {name for name in names if name in our_modules()} - {module_name(path)}


def floors() -> list[list[str]]:
    """The rooms by how far up they stand: each imports from those below it alone."""
    below: dict[str, set[str]] = {room: set() for room in ROOMS}
    for module, path in our_modules().items():
        below[room_of(module)] |= {room_of(name) for name in imported(path)}
    order = TopologicalSorter({room: rooms - {room} for room, rooms in below.items()})
    height: dict[str, int] = {}
    for room in order.static_order():
        height[room] = 1 + max((height[other] for other in below[room] - {room}), default=-1)
    named = [
        sorted(room.removeprefix("studio.") for room in ROOMS if height[room] == floor)
        for floor in range(max(height.values()) + 1)
    ]
    return named[::-1]


def test_imports_run_in_no_circle() -> None:
    """Not within a room either."""
    try:
        TopologicalSorter({name: imported(path) for name, path in our_modules().items()}).prepare()
    except CycleError as circle:
        pytest.fail(" <- ".join(circle.args[1]))


def test_the_map_is_drawn_from_the_imports() -> None:
    drawn = "\n".join(", ".join(rooms) for rooms in floors())
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"```\n{drawn}\n```" in text, f"the map in CONTRIBUTING.md is by now:\n{drawn}"


def test_the_walk_finds_what_it_looks_for() -> None:
    assert len(our_modules()) > 40
    assert room_of("studio.garment.spec") == "studio.garment"
    assert room_of("trainer.losses.denoise") == "trainer"
    board = dict(imports(ROOT / "studio" / "conditions" / "board.py"))
    assert "studio.garment.spec" in board
    assert "numpy" in board


def test_every_room_of_the_studio_has_its_place_in_the_plan() -> None:
    unknown = sorted(
        module for module in our_modules() if module != "studio" and room_of(module) == "studio"
    )
    assert not unknown, f"say in ROOMS what these may import: {unknown}"


@pytest.mark.parametrize(
    "room", ["studio.garment", "studio.gallery", "studio.export", "studio.page", "studio.settings"]
)
def test_rooms_without_tensors_never_name_torch(room: str) -> None:
    heavy = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for module, path in our_modules().items()
        if room_of(module) == room
        for name, line in imports(path)
        if name.split(".")[0] in {"torch", "torchvision", "diffusers", "transformers"}
    ]
    assert not heavy, "\n".join(heavy)


def test_losses_are_pure_functions() -> None:
    """A loss gets tensors and gives tensors: it opens nothing."""
    modules = {"io", "json", "os", "pathlib", "pickle", "safetensors", "shutil", "sqlite3"}
    calls = {"open", "load", "load_file", "save", "save_file", "read_text", "read_bytes", "imread"}
    wrong = []
    for module, path in our_modules().items():
        if not module.startswith("trainer.losses"):
            continue
        wrong += [
            f"{path.name}:{line}: imports {name}"
            for name, line in imports(path)
            if name.split(".")[0] in modules
        ]
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                called = node.func
                name = (
                    called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                )
                if name in calls:
                    wrong.append(f"{path.name}:{node.lineno}: calls {name}")
    assert not wrong, "\n".join(wrong)


def test_every_package_that_is_imported_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    asked = [*project["dependencies"], *(line for extra in extras for line in extra)]
    names = {re.split(r"[\[<>=]", line)[0].lower() for line in asked}
    owners = packages_distributions()
    missing = set()
    for path in our_modules().values():
        for name, _ in imports(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in {"app", "studio", "trainer"}:
                continue
            if not names & {owner.lower().replace("_", "-") for owner in owners.get(top, [top])}:
                missing.add(f"{top} ({path.relative_to(ROOT)})")
    assert not missing, f"add to pyproject.toml: {sorted(missing)}"


LIGHT = {
    "words": ("studio.errors", "studio.garment", "studio.request", "studio.settings"),
    "picture files": ("studio.pngmeta",),
    "gallery": ("studio.gallery",),
    "checkpoints": ("studio.checkpoints", "studio.weights_report"),
}
"""Rooms that load without torch; the first also without the drawing library."""


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a fresh Python loads for these arguments, which must succeed."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "site" in loaded
    return loaded


def test_light_rooms_load_without_torch() -> None:
    """One Python loads them all; what came with a module is put down to it."""
    names = {
        room: sorted(name for name in our_modules() if room_of(name) in rooms)
        for room, rooms in LIGHT.items()
    }
    assert all(names.values())
    heavy = {room: ["torch", "gradio", *(["skia"] * (room == "words"))] for room in names}
    code = (
        "import importlib, sys\n"
        f"for room, heavy in {heavy!r}.items():\n"
        f"    for name in {names!r}[room]:\n"
        "        importlib.import_module(name)\n"
        "        came = [other for other in heavy if other in sys.modules]\n"
        "        assert not came, f'{came} came with {name}'\n"
    )
    assert "studio.garment.spec" in loaded_by("-c", code)


@pytest.mark.parametrize(
    "command",
    [
        ("app.py",),
        ("-m", "studio", "generate"),
        ("-m", "trainer"),
        ("-m", "trainer", "evaluate"),
    ],
    ids=["app", "generate", "trainer", "evaluate"],
)
def test_help_answers_at_once(command: tuple[str, ...]) -> None:
    """It needs nothing that makes or shows a picture; the studio's not even pydantic's models."""
    loaded = loaded_by(*command, "--help")
    assert "argparse" in loaded
    heavy = {"PIL", "cv2", "diffusers", "gradio", "scipy", "skia", "torch", "transformers"}
    if command[1:2] != ("trainer",):
        heavy |= {"numpy", "pydantic.main"}
    assert not loaded & heavy


def test_no_file_is_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tree()
        if path.suffix in {".py", ".js", ".css", ".sh"}
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long, f"longer than {LONGEST_FILE} lines: {long}"


def test_the_tree_stays_small() -> None:
    sizes = {path: path.stat().st_size for path in tree()}
    models = ROOT / "assets" / "models"
    weights = sum(size for path, size in sizes.items() if path.is_relative_to(models))
    assert sum(sizes.values()) < LARGEST_TREE
    assert weights < LARGEST_WEIGHTS


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """What a file calls with a name of two parts, such as `Image.open`, with the line."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield f"{ast.unparse(node.func.value).rsplit('.', 1)[-1]}.{node.func.attr}", node.lineno


def test_one_place_opens_pictures() -> None:
    """It names the kinds that are opened; whoever opens any kind lets some of them run programs."""
    ways = {"Image.open", "ImageFile.Parser", "cv2.imread", "cv2.imdecodemulti", "imageio.imread"}
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in our_modules().values()
        for name, _ in calls(path)
        if name in ways
    ]
    renamed = [
        str(path.relative_to(ROOT))
        for path in our_modules().values()
        for name, _ in imports(path)
        if name in {"PIL.Image", "PIL.ImageFile", "imageio"}
    ]
    assert found == ["studio/pngmeta.py: Image.open"]
    assert not renamed, "import Image from PIL and leave opening to studio.pngmeta"


OWN_JSON = {
    "studio/controls/__init__.py",
    "studio/desk/studio.py",
    "studio/engine/single_file.py",
    "studio/forms.py",
    "studio/gallery/tables.py",
}
"""Who reads JSON that it has written itself a moment ago or into its own database, or that comes
with Toile; and the reader of everything else."""


def test_one_place_reads_foreign_json() -> None:
    """Python's own reader falls over brackets within brackets, and takes numbers of any length."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for module, path in our_modules().items()
        if module.startswith("studio.") and not module.startswith("studio.bench")
        for name, _ in calls(path)
        if name in {"json.loads", "json.load", "orjson.loads", "request.json"}
    }
    assert readers == OWN_JSON


def test_weights_are_data() -> None:
    """Nothing in the tree needs unpickling."""
    pickles = {".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth"}
    assert not [str(path) for path in tree() if path.suffix in pickles]


FACE = re.compile(
    r"face_image|face_control|face_adapter|face_encoder|FaceAdapter|FaceCondition|FaceID|[\"']face[\"']"
)


def test_a_control_is_named_where_it_lives() -> None:
    """Its own file, its networks, the list of published files and the first stored form; what
    finds drawn or photographed faces is not the control."""
    named = {
        path.relative_to(ROOT).as_posix()
        for module, path in our_modules().items()
        if module.startswith("studio.") and room_of(module) != "studio.vision"
        if FACE.search(path.read_text(encoding="utf-8"))
    }
    assert named == {
        "studio/checkpoints/kinds.py",
        "studio/conditions/face.py",
        "studio/controls/face.py",
        "studio/request/format1.py",
    }
    training = {
        path.name
        for module, path in our_modules().items()
        if module.startswith("trainer.") and FACE.search(path.read_text(encoding="utf-8"))
    }
    assert training - {"people.py"} == {"face.py", "face_adapter.py"}  # its two recipes
    modules = (ROOT / "assets" / "ui").rglob("*.js")
    assert sum(bool(FACE.search(path.read_text(encoding="utf-8"))) for path in modules) <= 1

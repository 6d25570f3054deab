"""The project file: out of one studio, whole into another; or one sentence and nothing."""

import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.controls.style import StyleControl
from studio.errors import BadInput, StorageError, ToileError
from studio.export.project_file import read_project, write_project
from studio.gallery import Project, ReferenceBoard, Store
from studio.garment.flats import place
from studio.garment.following import document_of
from studio.garment.parse import parse_prompt
from tests.flat import recorded_of
from tests.studio.gallery.made import new, png

STROKES = json.dumps(
    {"v": 1, "strokes": [{"t": "pen", "w": 8, "m": 1, "p": [200, 100, 1, 300, 900, 1]}]}
)

STYLE = b"\x02" + b"\0" * 7 + b"{}"
"""The shortest safetensors file."""


@pytest.fixture
def store(tmp_path: Path):
    """The studio that a project leaves."""
    made = Store(tmp_path / "here")
    yield made
    made.close()


@pytest.fixture
def other(tmp_path: Path):
    """The studio that it comes to."""
    made = Store(tmp_path / "there")
    yield made
    made.close()


@pytest.fixture
def project(store: Store) -> Project:
    """Two families of pictures, one in the trash; a drawing; components; a draft; a garment's
    photo that all refer to, and a style of the first picture alone; a comparison; a vote that has
    ended, on one picture that is gone, and one that goes on."""
    made = store.create_project("Navy coat ❄ winter")
    store.save_draft(made.id, '{"prompt": "a navy coat"}')
    sketch = store.save_sketch(made.id, STROKES, png(9, 9, 9), png(8, 8, 8))
    spec = place(parse_prompt("a navy coat with five buttons").garment)
    parts = store.save_components(made.id, document_of(spec.components).to_json())
    assert sketch.ink_sha
    photo, style = store.keep_picture(png(7, 7, 7)), store.keep_style(STYLE)
    store.save_references(made.id, ReferenceBoard("{}", (("garment_image", photo),)))
    recorded = recorded_of(
        prompt="a navy coat with five buttons", components=spec.components,
        sketch=sketch.ink_sha, seed=4, garment_image=photo,
        styles=(StyleControl(name="linen", sha256=style, strength=0.5),),
    )  # fmt: skip
    first = store.add(
        made.id,
        new(4, prompt=recorded.request.words.prompt, request=recorded.to_json(),
            sketch_rev_id=sketch.id, component_rev_id=parts.id, inputs=recorded.request.files()),
    )  # fmt: skip
    store.star(first.id, True)
    store.note(first.id, "Longer sleeves?")
    store.save_checks(first.id, [{"what": "buttons", "asked": 5, "seen": 5, "passed": True}])
    child = store.add(made.id, new(5, request=plain(5), parent_variant_id=first.id))
    third = store.add(made.id, new(6, request=plain(6), parent_variant_id=child.id))
    gone = store.add(made.id, new(7, request=plain(7)))
    ended = store.ballots.open(made.id, [gone.id, first.id], "Which would you wear?")
    for voter, position, name in (("a", 1, "Ann"), ("b", 0, ""), ("c", 1, "雪")):
        store.ballots.vote(ended.token, voter, position, name)
    store.ballots.vote(ended.token, "a", 0, "Ann")
    store.ballots.close(made.id, ended.id)
    running = store.ballots.open(made.id, [third.id, child.id, first.id], "Which is warmer?")
    store.ballots.vote(running.token, "a", 2)
    store.comparisons.choose(made.id, [third.id, child.id, first.id])
    store.comparisons.look(made.id, "flick")
    store.trash(gone.id)
    store.empty_trash(made.id)
    store.trash(child.id)
    return store.project(made.id)


def plain(seed: int) -> str:
    """A request without pictures."""
    return recorded_of(prompt="a navy coat", seed=seed).to_json()


@pytest.fixture
def file(store: Store, project: Project, tmp_path: Path) -> Path:
    """The project as a file."""
    path = tmp_path / "coat.toile"
    with path.open("wb") as out:
        write_project(store, project.id, out)
    return path


def everything(store: Store, project_id: str) -> dict[str, object]:
    """A project without its ids, to compare two of them."""
    parcel = store.take_out(project_id)
    seeds = {v.id: v.seed for v in parcel.variants}
    return {
        "name": parcel.project.name,
        "draft": parcel.project.draft,
        "sketches": [(s.strokes, s.ink_sha, s.photo_sha, s.created) for s in parcel.sketches],
        "components": [(c.document, c.created) for c in parcel.components],
        "pictures": [
            (v.seed, v.picture_sha, v.request, v.prompt, v.note, v.starred, v.passed, v.checks,
             v.created, v.deleted_at, v.inputs, seeds.get(v.parent_variant_id or ""),
             v.sketch_rev_id is not None, v.component_rev_id is not None)
            for v in parcel.variants
        ],
        "references": parcel.references,
        "comparison": parcel.comparison and (
            [seeds[one] for one in parcel.comparison.chosen], parcel.comparison.mode
        ),
        "ballots": [
            (box.question, box.created,
             [(e.position, seeds.get(e.variant_id or ""), e.seed, e.picture_sha)
              for e in box.entries],
             [(v.position, v.name, v.created, v.changed) for v in box.votes])
            for box in parcel.ballots
        ],
    }  # fmt: skip


def test_a_project_comes_back_whole_in_another_studio(
    store: Store, other: Store, project: Project, file: Path
):
    kept = read_project(other, file)
    assert everything(other, kept.id) == everything(store, project.id)
    assert kept.id != project.id
    for sha in store.take_out(project.id).files():
        assert other.file(sha) == store.file(sha)
    page = other.variants(kept.id, search="5 buttons")
    assert [v.seed for v in page.variants] == [4]  # the search finds it by its components
    family = other.lineage(page.variants[0].id)
    assert [v.seed for v in family] == [4, 5, 6]
    assert family[0].id != store.variants(project.id, seed=4).variants[0].id


def test_votes_come_along_without_their_link_and_their_voters(
    store: Store, other: Store, project: Project, file: Path
):
    kept = read_project(other, file)
    open_here, ended_here = store.ballots.of_project(project.id)
    open_there, ended_there = other.ballots.of_project(kept.id)
    assert ended_there.closed_at == ended_here.closed_at
    assert [v.position for v in other.ballots.votes(ended_there.id)] == [0, 0, 1]
    assert [v.name for v in other.ballots.votes(ended_there.id)] == ["Ann", "", "雪"]
    bare, worn = ended_there.entries
    assert bare.variant_id is None and other.file(bare.picture_sha) == png(7, 0, 90)
    assert worn.variant_id == other.variants(kept.id, seed=4).variants[0].id
    # A vote that was going on is closed until the designer sends the new link round.
    assert open_here.closed_at is None and open_there.closed_at is not None
    assert open_there.token != open_here.token
    with pytest.raises(BadInput):
        other.ballots.by_token(open_here.token)
    other.ballots.reopen(kept.id, open_there.id)
    other.ballots.vote(open_there.token, "a", 0)
    assert [v.position for v in other.ballots.votes(open_there.id)] == [2, 0]
    with zipfile.ZipFile(file) as archive:
        text = archive.read("project.json").decode()
    for ballot in (open_here, ended_here):
        assert ballot.token not in text
        assert not any(vote.voter in text for vote in store.ballots.votes(ballot.id))


def test_the_comparison_comes_along_with_what_is_in_the_trash(other: Store, file: Path):
    kept = read_project(other, file)
    seeds = {v.seed: v.id for v in other.take_out(kept.id).variants}
    assert other.comparisons.get(kept.id).chosen == (seeds[6], seeds[4])
    other.restore(seeds[5])
    assert other.comparisons.get(kept.id).chosen == (seeds[6], seeds[5], seeds[4])
    assert other.comparisons.get(kept.id).mode == "flick"


def test_a_file_from_before_votes_were_in_it_still_opens(other: Store, file: Path):
    def older(entries: dict[str, bytes]) -> None:
        manifest, data = (json.loads(entries[f"{n}.json"]) for n in ("manifest", "project"))
        manifest["version"] = 2
        del data["comparison"], data["ballots"]
        entries["manifest.json"] = json.dumps(manifest).encode()
        entries["project.json"] = json.dumps(data).encode()

    kept = read_project(other, rewritten(file, older))
    assert [v.seed for v in other.take_out(kept.id).variants] == [4, 5, 6]
    assert other.ballots.of_project(kept.id) == ()
    assert other.comparisons.get(kept.id).chosen == ()


def test_a_project_that_never_compared_comes_back_without_a_comparison(
    store: Store, other: Store, tmp_path: Path
):
    plain_one = store.create_project("Plain")
    path = tmp_path / "plain.toile"
    with path.open("wb") as out:
        write_project(store, plain_one.id, out)
    parcel = other.take_out(read_project(other, path).id)
    assert parcel.comparison is None and parcel.ballots == ()


def test_the_same_file_twice_gives_two_projects_and_one_set_of_pictures(other: Store, file: Path):
    first, second = read_project(other, file), read_project(other, file)
    assert first.id != second.id and first.name == second.name
    blobs = [f for f in (other.data_dir / "blobs").rglob("*") if f.is_file()]
    assert len(blobs) == len(other.take_out(first.id).files())
    other.delete_project(first.id)
    for sha in other.take_out(second.id).files():
        other.file(sha)


def rewritten(file: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The file with other entries."""
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    path = file.with_name("changed.toile")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def in_json(name: str, *path: object) -> Callable[[object], Callable[[dict[str, bytes]], None]]:
    """A change of one value in one of the JSON files."""

    def with_value(value: object) -> Callable[[dict[str, bytes]], None]:
        def change(entries: dict[str, bytes]) -> None:
            data = at = json.loads(entries[name])
            for key in path[:-1]:
                at = at[key]  # type: ignore[index]
            at[path[-1]] = value  # type: ignore[index]
            entries[name] = json.dumps(data).encode()

        return change

    return with_value


def one_style(entries: dict[str, bytes]) -> str:
    return next(name for name in entries if name.startswith("styles/"))


def one_picture(entries: dict[str, bytes]) -> str:
    return next(name for name in entries if name.startswith("pictures/"))


CHANGES: dict[str, Callable[[dict[str, bytes]], object]] = {
    "up and out": lambda e: e.update({"../evil.png": b"x"}),
    "absolute": lambda e: e.update({"/etc/evil": b"x"}),
    "windows path": lambda e: e.update({"pictures\\..\\evil.png": b"x"}),
    "a program": lambda e: e.update({"pictures/run.exe": b"x"}),
    "bomb": lambda e: e.update({"pictures/" + "a" * 64 + ".png": b"\0" * 30_000_000}),
    "no manifest": lambda e: e.pop("manifest.json"),
    "no project": lambda e: e.pop("project.json"),
    "broken JSON": lambda e: e.update({"project.json": b'{"name": '}),
    "not text": lambda e: e.update({"project.json": b"\xff\xfe\0"}),
    "deep JSON": lambda e: e.update({"project.json": b"[" * 200_000}),
    "wrong kind": in_json("manifest.json", "kind")("something-else"),
    "future": in_json("manifest.json", "version")(99),
    "no version": in_json("manifest.json", "version")(0),
    "a missing picture": lambda e: e.pop(one_picture(e)),
    "an altered picture": lambda e: e.update({one_picture(e): png(1, 2, 3)}),
    "a missing style": lambda e: e.pop(one_style(e)),
    "an altered style": lambda e: e.update({one_style(e): b"other weights"}),
    "a picture for a style": lambda e: e.update({"styles/" + "a" * 64 + ".png": png()}),
    "a reference to nothing": in_json("project.json", "references", "files")(
        [{"role": "garment_image", "sha": "a" * 64}]
    ),
    "a path for a reference": in_json("project.json", "references", "files")(
        [{"role": "../garment", "sha": "a" * 64}]
    ),
    "no name": in_json("project.json", "name")("  "),
    "unknown field": in_json("project.json", "pictures", 0, "path")("/etc/passwd"),
    "a path for a picture": in_json("project.json", "pictures", 0, "picture")("../../etc/passwd"),
    "a number as a prompt": in_json("project.json", "pictures", 0, "prompt")(7),
    "an endless time": in_json("project.json", "pictures", 0, "created")(1e300),
    "a broken request": in_json("project.json", "pictures", 1, "request")("{"),
    "a stranger's parent": in_json("project.json", "pictures", 1, "parent")("f" * 32),
    "its own parent": lambda e: in_json("project.json", "pictures", 1, "parent")(
        json.loads(e["project.json"])["pictures"][1]["id"]
    )(e),
    "two of one id": lambda e: in_json("project.json", "pictures", 1, "id")(
        json.loads(e["project.json"])["pictures"][0]["id"]
    )(e),
    "strokes that are none": in_json("project.json", "sketches", 0, "strokes")("[1, 2]"),
    "a comparison of strangers": in_json("project.json", "comparison", "chosen")(["f" * 32]),
    "a comparison of one twice": lambda e: in_json("project.json", "comparison", "chosen")(
        [json.loads(e["project.json"])["pictures"][0]["id"]] * 2
    )(e),
    "an unknown way of comparing": in_json("project.json", "comparison", "mode")("<script>"),
    "a vote on a stranger": in_json("project.json", "ballots", 0, "entries", 1, "picture")(
        "f" * 32
    ),
    "a vote on a lost picture": in_json("project.json", "ballots", 0, "entries", 0, "sha")(
        "a" * 64
    ),
    "a vote on another's picture": in_json("project.json", "ballots", 1, "entries", 1, "sha")(
        "a" * 64
    ),
    "a vote on one picture": lambda e: in_json("project.json", "ballots", 0, "entries")(
        json.loads(e["project.json"])["ballots"][0]["entries"][:1]
    )(e),
    "a vote for nothing": in_json("project.json", "ballots", 0, "votes", 0, "entry")(2),
    "a voter of two lines": in_json("project.json", "ballots", 0, "votes", 0, "name")("A\nB"),
    "no question": in_json("project.json", "ballots", 0, "question")(" "),
    "a link in a vote": in_json("project.json", "ballots", 0, "token")("t" * 43),
    "components that are none": in_json("project.json", "components", 0, "document")("{}"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_bad_file_is_one_sentence_and_leaves_nothing(other: Store, file: Path, name: str):
    bad = rewritten(file, CHANGES[name])
    with pytest.raises(BadInput) as told:
        read_project(other, bad)
    nothing_kept(other, told.value)


def nothing_kept(other: Store, error: ToileError) -> None:
    assert "\n" not in str(error) and str(error).endswith(".") and len(str(error)) < 200
    assert other.projects() == ()
    assert list((other.data_dir / "blobs").rglob("*.*")) == []


def test_files_that_are_no_archives(other: Store, file: Path):
    whole = file.read_bytes()
    for data in (b"", b"text", whole[: len(whole) // 2], b"PK\3\4" + b"\0" * 40, png()):
        bad = file.with_name("bad.toile")
        bad.write_bytes(data)
        with pytest.raises(BadInput) as told:
            read_project(other, bad)
        nothing_kept(other, told.value)


def test_damage_anywhere_is_found(other: Store, file: Path):
    whole = bytearray(file.read_bytes())
    bad = file.with_name("bad.toile")
    for at in range(40, len(whole) - 1, max(len(whole) // 40, 1)):
        hurt = bytearray(whole)
        hurt[at] ^= 0xFF
        bad.write_bytes(hurt)
        try:
            read_project(other, bad)
        except ToileError as error:
            nothing_kept(other, error)
        else:  # a byte that says nothing, such as a date
            other.delete_project(other.projects()[0].id)


def test_links_and_doubles_are_refused(other: Store, file: Path):
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    for kind in ("link", "double"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in entries.items():
                info = zipfile.ZipInfo(name)
                if kind == "link" and name == one_picture(entries):
                    info.external_attr = (stat.S_IFLNK | 0o777) << 16
                archive.writestr(info, data)
            if kind == "double":
                with pytest.warns(UserWarning):
                    archive.writestr("project.json", entries["project.json"])
        bad = file.with_name("bad.toile")
        bad.write_bytes(out.getvalue())
        with pytest.raises(BadInput) as told:
            read_project(other, bad)
        nothing_kept(other, told.value)


def test_a_full_disk_keeps_nothing(other: Store, file: Path, monkeypatch: pytest.MonkeyPatch):
    put, calls = other.blobs.put, []

    def full(data: bytes, extension: str = "png") -> str:
        calls.append(1)
        if len(calls) > 2:
            raise StorageError("The disk has no room left.")
        return put(data, extension)

    monkeypatch.setattr(other.blobs, "put", full)
    with pytest.raises(StorageError) as told:
        read_project(other, file)
    nothing_kept(other, told.value)


def test_a_missing_picture_stops_the_export(store: Store, project: Project, tmp_path: Path):
    variant = store.variants(project.id).variants[0]
    store.blobs.path(variant.picture_sha).unlink()
    with pytest.raises(StorageError, match="missing"):
        write_project(store, project.id, io.BytesIO())

"""What a project refers to is kept as long as somebody needs it, and no longer."""

from pathlib import Path

import pytest

from studio.controls.style import StyleControl
from studio.errors import BadInput, StorageError
from studio.gallery import NewVariant, ReferenceBoard, Store
from studio.gallery.needed import extension_of
from studio.gallery.references import KEPT_PICTURES
from tests.flat import recorded_of
from tests.studio.gallery.made import new, png


@pytest.fixture
def store(tmp_path: Path):
    """An empty store."""
    made = Store(tmp_path / "data")
    yield made
    made.close()


def board(**files: str) -> ReferenceBoard:
    """References that name these files."""
    return ReferenceBoard("{}", tuple(sorted(files.items())))


def test_references_are_there_again_and_another_project_has_its_own(store: Store):
    one, other = store.create_project("One"), store.create_project("Other")
    sha = store.keep_picture(png(1, 2, 3))
    assert store.references(one.id) is None
    store.save_references(one.id, board(garment_image=sha))
    assert store.references(one.id) == board(garment_image=sha)
    assert store.references(other.id) is None
    with pytest.raises(BadInput):
        store.save_references("gone", board())


def test_a_cleared_photo_can_be_taken_up_again_until_newer_ones_push_it_out(store: Store):
    project = store.create_project("One").id
    shas = [store.keep_picture(png(i, 2, 3)) for i in range(KEPT_PICTURES + 2)]
    for sha in shas:
        store.save_references(project, board(garment_image=sha))
    store.save_references(project, board())
    left = store.references(project)
    assert left is not None and left.files == ()
    assert store.recent_references(project, "garment_image", 99) == tuple(shas[:1:-1])
    assert store.has_picture(shas[2]) and not store.has_picture(shas[0])
    assert not store.blobs.path(shas[0]).exists()


def test_a_photo_in_use_outlives_the_job_and_the_picture_that_needed_it(store: Store):
    project = store.create_project("One").id
    sha = store.keep_picture(png(9, 9, 9))
    store.save_references(project, board(garment_image=sha))
    made = store.add(project, new(1, inputs={"garment_image": sha}))
    store.trash(made.id)
    store.empty_trash(project)
    assert store.picture(sha) == png(9, 9, 9)
    store.delete_project(project)
    assert not store.has_picture(sha) and not store.blobs.path(sha).exists()


def test_a_file_that_was_never_stored_is_refused_and_nothing_changes(store: Store):
    project = store.create_project("One").id
    store.save_references(project, board())
    with pytest.raises(StorageError):
        store.save_references(project, board(garment_image="f" * 64))
    assert store.references(project) == board()


def test_styles_are_files_of_their_own_kind(store: Store):
    project = store.create_project("One").id
    sha = store.keep_style(b"weights")
    assert store.file(sha) == b"weights"
    assert store.blobs.path(sha, "safetensors").is_file()
    recorded = recorded_of(
        prompt="a coat",
        sketch="a" * 64,
        styles=(StyleControl(name="linen", sha256=sha, strength=0.5),),
    )
    assert recorded.request.files() == {"sketch": "a" * 64, "style 1": sha}
    assert [extension_of(role) for role in recorded.request.files()] == ["png", "safetensors"]
    picture = NewVariant(
        request=recorded.to_json(), png=png(1, 1, 1), prompt="a coat", seed=1, seconds=1.0,
        weights="w", width=32, height=32, inputs={"style 1": sha},
    )  # fmt: skip
    made = store.add(project, picture)
    assert made.inputs == {"style 1": sha}
    store.delete_project(project)
    assert not store.blobs.path(sha, "safetensors").exists()

"""The facade: same request same bytes, batches, cancelling, previews, masks, sentences."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.conditions.base import Condition
from studio.engine import Engine, Progress
from studio.errors import BadInput, Cancelled
from studio.garment.spec import Component, GarmentSpec
from studio.pngmeta import png_bytes, write_png
from studio.request import SAMPLERS, Control, GenerationRequest, Recorded, sha_of
from tests.flat import replace, request_in, request_of

SIDE = 64
BASE = request_of(prompt="a red dress", steps=4, st=3.0, seed=11, width=SIDE, height=SIDE)
INK = np.zeros((SIDE, SIDE), np.uint8)
INK[::4, 4:60] = 255
SKETCH = png_bytes(INK)
BUTTON = Component("button", "centre front", (0.45, 0.4, 0.55, 0.5))
START = png_bytes(
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)).resize(
        (SIDE, SIDE)
    )
)


def bag(*files: bytes) -> dict[str, bytes]:
    return {sha_of(f): f for f in files}


def pixels(engine: Engine, request: GenerationRequest, *files: bytes) -> np.ndarray:
    return np.stack([np.asarray(p.image, np.int16) for p in engine.generate(request, bag(*files))])


def felt(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.abs(a - b).max() > 5)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_same_request_same_bytes_and_a_batch_is_its_pictures(engine: Engine, sampler: str):
    batch = replace(BASE, count=3, sampler=sampler)
    first = engine.generate(batch)
    again = engine.generate(batch)
    assert [p.image.tobytes() for p in first] == [p.image.tobytes() for p in again]
    assert [p.seed for p in first] == [11, 12, 13]
    for i, picture in enumerate(first):
        made = replace(batch.picture(i), model="tiny", weights=engine.capabilities.weights)
        assert picture.request == made
        alone = engine.generate(picture.request)[0]
        difference = np.asarray(alone.image, np.int16) - np.asarray(picture.image, np.int16)
        assert np.abs(difference).max() <= 1
    assert felt(np.asarray(first[0].image, np.int16), np.asarray(first[1].image, np.int16))


NEEDLESS = (
    "diffusers.models.transformers.transformer_flux", "diffusers.pipelines.stable_diffusion",
    "gradio", "peft.auto", "scipy.optimize._optimize", "scipy.stats._stats_py", "skia", "sklearn",
    "sqlalchemy", "torch._dynamo.convert_frame", "torch._inductor", "torchvision.datasets.mnist",
    "torchvision.models.convnext",
)  # fmt: skip
"""What no first picture needs, though the libraries import it; see `studio/later.py`."""


def test_another_process_makes_the_same_bytes_with_no_more_than_it_needs(
    engine: Engine, tiny_folder: Path
):
    code = (
        "import sys, hashlib, torch; torch.set_num_threads(1)\n"
        "from studio.engine import Engine; from studio.request import Recorded, Recorded\n"
        "r = Recorded.from_json(sys.argv[2]).request\n"
        "p = Engine(sys.argv[1], dtype='fp32', device='cpu').generate(r)[0]\n"
        "print(hashlib.sha256(p.image.tobytes()).hexdigest())\n"
        "print(*(name for name in sys.argv[3:] if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_folder), Recorded(request=BASE).to_json(), *NEEDLESS],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    ours = engine.generate(BASE)[0].image.tobytes()
    made, needless = done.stdout.splitlines()
    assert made == sha_of(ours)
    assert needless == ""


def test_a_stored_picture_makes_itself_again(engine: Engine):
    picture = engine.generate(replace(BASE, count=2))[1]
    kept = request_in(write_png(picture.image, Recorded(request=picture.request)))
    assert kept is not None
    difference = np.asarray(engine.generate(kept.request)[0].image, np.int16) - np.asarray(
        picture.image
    )
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a blue coat"},
        {"negative_prompt": "buttons"},
        {"seed": 12},
        {"steps": 5},
        {"st": 6.0},
        {"sampler": "ddim"},
        {"sketch": sha_of(SKETCH)},
        {"components": (BUTTON,)},
    ],
)
def test_everything_in_the_request_is_felt(engine: Engine, change):
    assert felt(pixels(engine, BASE), pixels(engine, replace(BASE, **change), SKETCH))


def test_a_garment_speaks_where_the_prompt_is_empty(engine: Engine):
    pytest.importorskip("studio.garment.caption")
    coat = request_of(garment=GarmentSpec("coat", "navy"), steps=2, width=64, height=64)
    dress = replace(coat, garment=GarmentSpec("dress", "red"))
    assert felt(pixels(engine, coat), pixels(engine, dress))


def test_sketch_and_components_have_controls_of_their_own(engine: Engine):
    large = Component("pocket", "left hip", (0.1, 0.1, 0.9, 0.9))
    both = replace(BASE, sketch=sha_of(SKETCH), components=(large,))
    made = pixels(engine, both, SKETCH)
    for name in ("sketch_control", "component_control"):
        for control in (
            Control(strength=0.4),
            Control(strength=1.0, start=0.5, end=1.0),
            Control(strength=1.0, start=0.0, end=0.5),
        ):
            other = pixels(engine, replace(both, **{name: control}), SKETCH)
            assert (made != other).any(), (name, control)
    without = pixels(engine, replace(BASE, components=(large,)))
    mute = pixels(engine, replace(both, sketch_control=Control(strength=0.0)), SKETCH)
    assert (without == mute).all(), "strength 0 is as if it were not there"


def test_components_without_a_place_are_not_drawn(engine: Engine):
    loose = replace(BASE, components=(Component("button", "centre front"),))
    assert (pixels(engine, loose) == pixels(engine, BASE)).all()


def test_progress_and_previews(engine: Engine):
    told: list[Progress] = []
    engine.generate(replace(BASE, count=2), on_step=told.append, preview_seconds=0.0)
    phases = list(dict.fromkeys(p.phase for p in told))
    assert phases == ["load", "prepare", "denoise", "decode"]
    steps = [p for p in told if p.phase == "denoise"]
    assert [(p.step, p.steps) for p in steps] == [(i, 4) for i in range(1, 5)]
    assert all(p.eta_seconds is not None and p.eta_seconds >= 0 for p in steps)
    assert steps[-1].eta_seconds == 0
    assert [len(p.previews or ()) for p in steps] == [2, 2, 2, 0]
    assert steps[0].previews is not None and steps[0].previews[0].size == (32, 32)


def test_previews_are_not_drawn_more_often_than_asked(engine: Engine):
    told: list[Progress] = []
    engine.generate(replace(BASE, steps=6), on_step=told.append, preview_seconds=1000.0)
    assert sum(p.previews is not None for p in told) == 1
    told.clear()
    engine.generate(BASE, on_step=told.append, preview_seconds=None)
    assert not any(p.previews for p in told)


def test_previews_do_not_change_the_picture(engine: Engine):
    seen = engine.generate(BASE, on_step=lambda _: None, preview_seconds=0.0)[0]
    assert seen.image.tobytes() == engine.generate(BASE)[0].image.tobytes()


def test_cancel_stops_between_two_steps(engine: Engine):
    told: list[int] = []
    with pytest.raises(Cancelled):
        engine.generate(
            replace(BASE, steps=50),
            on_step=lambda p: told.append(p.step),
            cancelled=lambda: max(told, default=0) >= 2,
        )
    assert max(told) == 2
    assert engine.generate(BASE), "the engine is free again"


def test_cancel_while_another_picture_is_being_made(engine: Engine):
    began, finish = threading.Event(), threading.Event()

    def hold(progress: Progress) -> None:
        began.set()
        finish.wait(20)

    thread = threading.Thread(target=lambda: engine.generate(BASE, on_step=hold))
    thread.start()
    assert began.wait(20)
    with pytest.raises(Cancelled):
        engine.generate(BASE, cancelled=lambda: True)
    finish.set()
    thread.join(60)


def test_two_threads_get_what_each_asked_for(engine: Engine):
    wanted = {seed: pixels(engine, replace(BASE, seed=seed)) for seed in (1, 2)}
    got: dict[int, np.ndarray] = {}

    def make(seed: int) -> None:
        got[seed] = pixels(engine, replace(BASE, seed=seed))

    threads = [threading.Thread(target=make, args=(s,)) for s in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all((got[s] == wanted[s]).all() for s in wanted)


def test_conditions_leave_the_networks_as_they_were(engine: Engine):
    family = engine.load()

    def state() -> list[tuple[str, int, str]]:
        modules = [*family.unet.named_modules(), *family.board.network.named_modules()]  # type: ignore[union-attr]
        weights = [*family.unet.parameters(), *family.board.network.parameters()]  # type: ignore[union-attr]
        return [(n, id(m), type(m).__name__) for n, m in modules] + [
            ("w", id(w), str(float(w.detach().double().sum()))) for w in weights
        ]

    before = state()
    engine.generate(replace(BASE, sketch=sha_of(SKETCH)), bag(SKETCH))
    assert state() == before
    with pytest.raises(Cancelled):
        engine.generate(replace(BASE, sketch=sha_of(SKETCH)), bag(SKETCH), cancelled=_after(2))
    assert state() == before


def _after(times: int):
    calls = iter(range(1000))
    return lambda: next(calls) >= times


def test_small_variation_stays_nearer_than_a_large_one(engine: Engine):
    start = np.asarray(Image.open(__import__("io").BytesIO(START)), np.int16)
    vary = replace(BASE, init_image=sha_of(START), steps=10, st=1.0)
    near, far = (
        np.abs(pixels(engine, replace(vary, vary_strength=s), START)[0] - start).mean()
        for s in (0.1, 1.0)
    )
    assert near < far


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_repainting_keeps_every_pixel_outside_the_mask(engine: Engine, strength: float):
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[13:41, 22:50] = 255
    png = png_bytes(Image.fromarray(mask))
    request = replace(
        BASE, init_image=sha_of(START), mask=sha_of(png), vary_strength=strength, count=2
    )
    start = np.asarray(Image.open(__import__("io").BytesIO(START)), np.int16)
    for made in pixels(engine, request, START, png):
        assert (made[mask == 0] == start[mask == 0]).all()
        assert felt(made[mask > 0], start[mask > 0])


def test_long_prompts_say_what_was_left_out(engine: Engine):
    told: list[Progress] = []
    words = "a red dress with buttons " * 30 + "and a very special bow"
    picture = engine.generate(replace(BASE, prompt=words), on_step=told.append)[0]
    assert len(picture.notes) == 1 and "special bow" in picture.notes[0]
    assert told[-1].notes == picture.notes
    assert engine.generate(BASE)[0].notes == ()


def test_sentences_for_what_does_not_fit(engine: Engine, plain_folder: Path):
    sketch = replace(BASE, sketch=sha_of(SKETCH))
    with pytest.raises(BadInput, match="not there"):
        engine.generate(sketch)
    with pytest.raises(BadInput, match="changed"):
        engine.generate(sketch, {sha_of(SKETCH): SKETCH + b" "})
    with pytest.raises(BadInput, match="other weights"):
        engine.generate(replace(BASE, weights="0" * 64))
    with pytest.raises(BadInput, match="loaded"):
        engine.generate(replace(BASE, model="stable-diffusion-1.5"))
    white = png_bytes(Image.new("L", (SIDE, SIDE), 255))
    with pytest.raises(BadInput, match="nearly all ink"):
        engine.generate(replace(BASE, sketch=sha_of(white)), bag(white))
    black = png_bytes(Image.new("L", (SIDE, SIDE), 0))
    with pytest.raises(BadInput, match="mask is empty"):
        engine.generate(
            replace(BASE, init_image=sha_of(START), mask=sha_of(black)),
            bag(START, black),
        )
    plain = Engine(plain_folder, dtype="fp32", device="cpu")
    assert not {"sketch", "components"} & plain.capabilities.conditions
    with pytest.raises(BadInput, match="reads no sketch and no components"):
        plain.generate(replace(sketch, components=(BUTTON,)), bag(SKETCH))


def test_capabilities_tell_what_the_model_does(engine: Engine):
    able = engine.capabilities
    assert able.conditions == {"text", "sketch", "components", "pose", "vary", "mask", "styles"}
    assert able.max_tokens == 64 and able.dtype == "float32" and not able.sees
    json.dumps(sorted(able.conditions))


def test_bf16_is_close_to_fp32(tiny_folder: Path, engine: Engine):
    quick = Engine(tiny_folder, dtype="bf16", device="cpu")
    difference = np.abs(pixels(quick, BASE) - pixels(engine, BASE))
    assert difference.mean() < 4


def test_texts_and_boards_are_encoded_once(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    family = engine.load()
    assert family.board is not None
    texts: list[int] = []
    boards: list[int] = []
    hooks = [
        family.text.encoder.register_forward_hook(lambda *a: texts.append(1)),
        family.board.network.controlnet_cond_embedding.register_forward_hook(
            lambda *a: boards.append(1)
        ),
    ]
    request = replace(BASE, prompt="a teal jumpsuit", sketch=sha_of(SKETCH), components=(POCKET,))
    engine.generate(request, bag(SKETCH))
    engine.generate(replace(request, seed=99), bag(SKETCH))
    for hook in hooks:
        hook.remove()
    assert len(texts) == 1 and len(boards) == 1, "the empty negative prompt was known already"


POCKET = Component("pocket", "left hip", (0.6, 0.6, 0.8, 0.8))


class _ZeroConvIn(Condition):
    """A reversible adapter that silences the first convolution."""

    def attached(self, unet: Any):
        from contextlib import contextmanager

        @contextmanager
        def change():
            weight = unet.conv_in.weight.data.clone()
            unet.conv_in.weight.data.zero_()
            try:
                yield
            finally:
                unet.conv_in.weight.data.copy_(weight)

        return change()


def test_adapters_are_undone_after_an_error(engine: Engine):
    from studio.conditions.base import attach_all

    unet = engine.load().unet
    before = unet.conv_in.weight.detach().clone()
    with pytest.raises(RuntimeError), attach_all([_ZeroConvIn(), Condition()], unet):
        assert not unet.conv_in.weight.any()
        raise RuntimeError
    assert torch.equal(unet.conv_in.weight, before)

"""A picture that came in a project file is made again to the byte."""

import io
from pathlib import Path

from PIL import Image, ImageDraw

from studio.engine import Engine
from studio.export.project_file import read_project, write_project
from studio.gallery import NewVariant, Store
from studio.pngmeta import write_png
from studio.request import Recorded
from tests.flat import request_of
from tests.tinymodel import build_tiny_model


def test_an_imported_request_makes_the_same_picture(tmp_path: Path):
    engine = Engine(build_tiny_model(tmp_path / "tiny"), dtype="fp32", device="cpu")
    ink = Image.new("L", (64, 64))
    ImageDraw.Draw(ink).line((8, 8, 40, 56), fill=255, width=3)
    out = io.BytesIO()
    ink.save(out, "PNG")
    here, there = Store(tmp_path / "here"), Store(tmp_path / "there")
    try:
        sha = here.keep_picture(out.getvalue())
        request = request_of(prompt="a navy coat", sketch=sha, steps=2, width=64, height=64, seed=3)
        (made,) = engine.generate(request, {sha: here.picture(sha)})
        png = write_png(made.image, Recorded(request=made.request))
        project = here.create_project("Again")
        here.add(
            project.id,
            NewVariant(
                request=Recorded(request=made.request).to_json(), png=png, prompt="a navy coat",
                seed=made.seed, seconds=1.0, weights=made.request.model.weights,
                width=64, height=64, inputs={"sketch": sha},
            ),
        )  # fmt: skip
        with (tmp_path / "again.toile").open("wb") as file:
            write_project(here, project.id, file)
        kept = read_project(there, tmp_path / "again.toile")
        (variant,) = there.variants(kept.id).variants
        asked = Recorded.from_json(variant.request).request
        images = {one: there.picture(one) for one in variant.inputs.values()}
        (again,) = engine.generate(asked, images)
        assert (
            write_png(again.image, Recorded(request=again.request))
            == there.picture(variant.picture_sha)
            == png
        )
    finally:
        here.close()
        there.close()

"""What a newcomer finds: one project with words and a drawing, ready to be generated."""

from dataclasses import replace

from studio.desk import compose, views
from studio.desk.compose import Form
from studio.desk.drawing import INK_SIZE
from studio.desk.easel import save_board
from studio.gallery import Store
from studio.garment import flats
from studio.garment.parse import parse_prompt
from studio.pngmeta import png_bytes

NAME = "Navy coat"
PROMPT = "a navy wool coat with a notched lapel, five buttons and two pockets"


def open_house(store: Store) -> None:
    """Put the sample into a gallery that has no project yet; any other is left alone."""
    if store.projects(limit=1):
        return
    project = store.create_project(NAME)
    garment = parse_prompt(PROMPT).garment.with_components(())
    photo = store.keep_picture(png_bytes(flats.layout(garment).ink(2 * INK_SIZE)))
    save_board(store, project.id, views.board(None, photo))
    form = replace(Form(), prompt=PROMPT, seed=str(compose.new_seed()))
    store.save_draft(project.id, form.to_json())

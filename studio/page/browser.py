"""Parts of the page that are written in JavaScript, each one module of `assets/ui`.

`gr.HTML` compiles its templates, and text in a template runs as code. The templates here are
therefore constants without a single placeholder; all data travels as properties and is shown by
the modules as text.
"""

from collections.abc import Sequence
from typing import Any

import gradio as gr


def browser_part(
    name: str, *, events: Sequence[str] = (), value: Any = None, **properties: Any
) -> gr.HTML:
    """A part that `assets/ui/NAME.js` mounts.

    Args:
        name: of the module; the element's id is the same.
        events: what the module may trigger.
        value: its first value. properties: further values that Python can change later.
    """
    # Gradio offers as events what stands quoted in this text.
    declared = ", ".join(f'"{event}"' for event in events)
    return gr.HTML(
        value=value,
        html_template=f'<div class="{name}-root"></div>',
        js_on_load=(
            f"const events = [{declared}];"
            f"const root = element.querySelector('.{name}-root');"
            f'import(new URL("toile/ui/{name}.js", document.baseURI).href).then((module) => '
            "module.mount({element, root, trigger, props, server, upload, watch}))"
            ".then(() => { root.dataset.ready = 1; "
            f'(window.toileMounted ??= new Set()).add("{name}"); }});'
        ),
        elem_id=name,
        apply_default_css=False,
        **properties,
    )


def when_mounted(parts: Sequence[gr.HTML], still: str = "") -> str:
    """JavaScript for an event: its inputs go to the server once these parts are mounted.

    Every answer reaches every part, and Gradio keeps of what reaches an HTML part before it is
    mounted only the last answer's properties: those that it was built with would be lost. A
    module that does not arrive holds nothing up for longer than half a minute.

    Args:
        still: the id of an element that takes no input from now on, until `released`.
    """
    names = ", ".join(f'"{part.elem_id}"' for part in parts)
    hold = f'document.getElementById("{still}")?.toggleAttribute("inert", true);' if still else ""
    return f"""async (...values) => {{
        {hold}
        const until = Date.now() + 30000;
        while (![{names}].every((name) => window.toileMounted?.has(name)) && Date.now() < until)
            await new Promise((done) => setTimeout(done, 20));
        return values;
    }}"""


def released(still: str) -> str:
    """JavaScript that lets an element that was held still take input again."""
    return f'() => {{ document.getElementById("{still}")?.removeAttribute("inert"); }}'

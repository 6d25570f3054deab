"""How the page looks: neutral greys, so that the colours of garments read true, and one accent."""

from gradio import themes

HEAD = """
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<link rel="preload" as="font" type="font/woff2" crossorigin
      href="toile/ui/fonts/instrument-sans-latin-wght-normal.woff2">
<link rel="stylesheet" href="toile/ui/base.css">
<link rel="stylesheet" href="toile/ui/studio.css">
<link rel="stylesheet" href="toile/ui/board.css">
<link rel="stylesheet" href="toile/ui/components.css">
<link rel="stylesheet" href="toile/ui/pictures.css">
<link rel="stylesheet" href="toile/ui/projects.css">
<link rel="stylesheet" href="toile/ui/queue.css">
<link rel="stylesheet" href="toile/ui/compare.css">
<link rel="stylesheet" href="toile/ui/references.css">
<link rel="stylesheet" href="toile/ui/tips.css">
<link rel="stylesheet" href="toile/ui/phone.css">
<script type="module" src="toile/ui/keys.js"></script>
<script type="module" src="toile/ui/gradio.js"></script>
"""

LIGHT = "() => document.body.classList.remove('dark')"
"""Garments are judged on light grey; a dark page would change how their colours look."""


def theme() -> themes.Base:
    """Gradio's own parts in the page's colours and letters."""
    grey = themes.Color(
        c50="#f7f7f5", c100="#eeeeec", c200="#e2e2df", c300="#cfcfcb", c400="#a8a8a4",
        c500="#7c7c79", c600="#5b5b59", c700="#434342", c800="#2b2b2a", c900="#1d1d1c",
        c950="#111111",
    )  # fmt: skip
    accent = themes.Color(
        c50="#eef0fb", c100="#dbe0f6", c200="#b7c1ed", c300="#8d9ce0", c400="#5c70d0",
        c500="#2f46b8", c600="#2a3fa8", c700="#223389", c800="#1b296e", c900="#152056",
        c950="#0d1436",
    )  # fmt: skip
    letters = ["Instrument Sans", "system-ui", "sans-serif"]
    return themes.Base(
        primary_hue=accent,
        secondary_hue=grey,
        neutral_hue=grey,
        font=letters,
        font_mono=["ui-monospace", "monospace"],
        text_size=themes.Size(
            xxs="12px", xs="12px", sm="14px", md="14px", lg="16px", xl="20px", xxl="20px"
        ),
        radius_size=themes.Size(
            xxs="2px", xs="2px", sm="4px", md="4px", lg="6px", xl="8px", xxl="8px"
        ),
    ).set(
        body_background_fill="*neutral_200",
        block_background_fill="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_label_background_fill="transparent",
        block_title_text_weight="500",
        block_title_text_color="*neutral_900",
        block_padding="0px",
        layout_gap="16px",
        input_background_fill="#ffffff",
        input_border_color="*neutral_300",
        input_border_color_focus="*primary_500",
        input_shadow="none",
        input_shadow_focus="0 0 0 3px rgba(47, 70, 184, .18)",
        button_primary_background_fill="*primary_500",
        button_primary_background_fill_hover="*primary_600",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="*neutral_100",
        button_secondary_background_fill_hover="#ffffff",
        button_secondary_border_color="*neutral_300",
        button_border_width="1px",
        slider_color="*primary_500",
        checkbox_background_color_selected="*primary_500",
        checkbox_border_color_selected="*primary_500",
    )

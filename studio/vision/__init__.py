"""Reading pictures: safe loading, ink from sketches, and what the perception network sees."""

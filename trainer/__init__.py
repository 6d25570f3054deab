"""Training of the bundled model family and of adapters: one loop, many recipes."""

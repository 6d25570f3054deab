"""Training data: the synthetic wardrobe, shards, caches and readers."""

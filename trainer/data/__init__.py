"""What is trained on: the synthetic wardrobe, its shards, latents and tokens."""

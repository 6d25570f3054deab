"""How good it is: measured on pictures that nobody trained on, and shown on contact sheets."""

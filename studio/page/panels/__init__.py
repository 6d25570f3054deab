"""The page's panels: each file builds one and connects its events to actions."""

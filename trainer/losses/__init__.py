"""Losses: pure functions of tensors that read no file."""

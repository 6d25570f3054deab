"""What several recipes have in common."""

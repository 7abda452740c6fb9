"""Who thinks: one file each."""

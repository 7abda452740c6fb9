"""Language models and the offline assistant, one file each."""

"""The API of conversations, which its routes call sessions, and of who and what belongs to them."""

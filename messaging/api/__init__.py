"""The API of conversations, which its routes call sessions, and of what belongs to them."""

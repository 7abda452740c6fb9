"""A small app of five files, as somebody would add one: `tests/guards/test_new_app.py` installs it."""

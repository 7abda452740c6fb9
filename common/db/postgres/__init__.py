"""Django's backend for PostgreSQL, whose kept connections are looked at without a question to the server."""

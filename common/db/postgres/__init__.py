"""Django's PostgreSQL backend with a cheaper test of persistent connections."""

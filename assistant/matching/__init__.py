"""Which knowledge entries answer a customer's words, by rules and data: no database, no network, no language model."""

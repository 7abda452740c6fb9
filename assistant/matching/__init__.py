"""Find the knowledge entries that answer a customer's text, by rules and data.

No database, network or language model.
"""

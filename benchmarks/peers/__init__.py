"""What one could take instead: programs that run in an environment of their own, beside the product's."""

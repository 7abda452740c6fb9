"""What the product's webhook is compared with: Django with nothing but a view."""

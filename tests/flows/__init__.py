"""Stories of the whole product. A package, so that its desk is stopped after the last of them."""

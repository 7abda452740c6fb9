"""Times as people mean them: rules of recurrence, zones, and words. Plain Python, without Django."""

"""Times in people's words, in four languages: recurrence rules, zones, phrases. Plain Python, without Django."""

"""The fault harness: real processes, a fake world, seeded load and seeded trouble. Use `bin/chaos`."""

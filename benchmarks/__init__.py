"""The benchmark: `bin/bench`. A figure is a function in a module here and a line in `benchmarks/__main__.py`."""

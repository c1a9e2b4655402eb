"""Language games, one a file: a generator, its labels and its exact ceilings. Registered by name in `registry`."""

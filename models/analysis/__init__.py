"""What can be read off a model or a run: pure functions, one concept per file."""

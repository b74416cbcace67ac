"""One picture per file: built once, then only handed new arrays."""

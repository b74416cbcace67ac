"""How fast it is: scripts that print tables, one module per section; nothing here asserts."""

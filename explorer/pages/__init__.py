"""Which controls and views stand together."""

"""Which controls and views stand together: one file per page, built when it is first opened."""

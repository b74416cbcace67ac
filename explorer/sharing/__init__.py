"""Ways to take a picture along: links, files, figures, scripts."""

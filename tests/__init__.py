"""The tests mirror the rooms: models, explorer, browser, benchmarks."""

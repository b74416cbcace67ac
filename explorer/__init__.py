"""The screen: pages, views and controls over `models`, started with `panel serve explorer`."""

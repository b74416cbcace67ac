"""Every model of the catalogue declares what the app, the docs and other tests derive from it."""

from __future__ import annotations

import models


def test_the_catalogue_names_models_by_class():
    assert all(name == model.__name__ for name, model in models.catalogue.items())

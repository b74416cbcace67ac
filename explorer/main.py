"""The app: `panel serve explorer` starts here. It assembles; nothing else."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from explorer import theme, upstream
from explorer.controls import ModelPanel, NumericsPanel, ParameterPanel, StimulusPanel
from explorer.pacing import soon
from explorer.pages.book import PAGES, Book
from explorer.pages.screen import Screen
from explorer.sharing import beside, links
from explorer.sharing.copy_link import CopyLink
from explorer.state import Explorer
from explorer.views.plane_layers import LAYERS

pn.extension("katex", raw_css=[theme.page_css()])
pn.config.respect_explicit_sizing = True


def app() -> pmui.Page:
    """One visitor's page, in the state their link describes."""
    document = pn.state.curdoc
    upstream.serve_own_files(document)
    search = pn.state.location.search if pn.state.location else ""
    settings, ignored = links.read(search)
    explorer = Explorer(settings, schedule=soon(document))
    explorer.beside, more = beside.read(search, settings)
    ignored += more
    if ignored:
        explorer.complain("link", "Ignored in the link: " + "; ".join(ignored))
    explorer.page = links.page(search, PAGES)
    explorer.layers = links.layers(search, LAYERS, explorer.layers)
    book = Book(explorer)
    frame = pmui.Page(
        title="Rheobase",
        header=[CopyLink(explorer), Screen(), upstream.Painting()],
        sidebar=[
            ModelPanel(explorer),
            StimulusPanel(explorer),
            ParameterPanel(explorer),
            NumericsPanel(explorer),
        ],
        main=[book.layout],
        sidebar_width=330,
        theme_config=theme.theme_config(),
        sx=theme.FRAME,
        busy_indicator=None,
    )
    upstream.release(frame)
    return frame


app().servable()

"""The app: `panel serve explorer` starts here. It assembles; nothing else."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from explorer import theme, upstream
from explorer.controls import ModelPanel, NumericsPanel, ParameterPanel, StimulusPanel
from explorer.pacing import soon
from explorer.pages.book import PAGES, Book
from explorer.pages.link_word import LINK
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
    search = upstream.query_of(document)
    settings, ignored = links.read(search)
    explorer = Explorer(settings, schedule=soon(document))
    explorer.beside, of_pages = beside.read(search, settings)
    explorer.page, explorer.layers, of_looks = links.read_looks(
        search, PAGES, LAYERS, explorer.layers
    )
    ignored += of_pages + of_looks
    if ignored:
        explorer.complain(LINK, links.sentence(ignored))
    screen = Screen()
    book = Book(explorer, screen)
    frame = pmui.Page(
        title="Rheobase",
        header=[CopyLink(explorer), screen, upstream.Painting()],
        sidebar=[
            book.drawer,
            ModelPanel(explorer),
            StimulusPanel(explorer),
            ParameterPanel(explorer),
            NumericsPanel(explorer),
        ],
        main=[book.layout],
        sidebar_width=330,
        sidebar_variant="persistent",
        theme_config=theme.theme_config(),
        sx=theme.FRAME,
        busy_indicator=None,
    )
    upstream.release(frame)
    return frame


app().servable(location=False)

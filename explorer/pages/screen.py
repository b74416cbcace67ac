"""What the page learns from the visitor's screen: light or dark, wide or narrow, ready or not."""

from __future__ import annotations

import param
from panel.custom import JSComponent


class Screen(JSComponent):
    """Fits the frame to the browser.

    The page takes the light or dark theme that the visitor's system asks for, unless its link
    names one. On a screen too narrow to show the controls beside the picture they start in a
    closed drawer, so that the picture is seen first. Whether it is narrow is known as long as the
    page is open: a phone can be turned.

    Until all of it stands, no key reaches the page, as the veil over it lets no pointer through:
    Panel throws away what a control changes before the browser has said that the page is ready.
    """

    narrow = param.Boolean(default=False, doc="whether a page has no room for controls at its side")

    _esm = """
    export function render({model, el, view}) {
      el.style.display = "none"
      const doc = view.model.document
      const small = matchMedia("(max-width: 899.95px)")
      const tell = () => { if (model.narrow !== small.matches) { model.narrow = small.matches } }
      small.addEventListener("change", tell)
      if (doc.is_idle) {
        tell()
      } else {
        document.body.inert = true
        doc.idle.connect(() => {
          document.body.inert = false
          tell()
        })
      }
      const page = doc.roots().find((root) => root.data?.sidebar_open !== undefined)
      if (!page) { return }
      const theme = new URLSearchParams(location.search).get("theme")
      const named = ["light", "dark", "default"].includes(theme)
      if (!named && matchMedia("(prefers-color-scheme: dark)").matches) {
        page.data.dark_theme = true
      }
      if (window.innerWidth < 600) { page.data.sidebar_open = false }
    }
    """

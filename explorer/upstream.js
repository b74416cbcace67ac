// What has to be mended in the browser; upstream.py says why.

export function render({el}) {
  el.style.display = "none"
  if (!window.mended) mend(window.Bokeh)
  window.mended = true
}

function mend(Bokeh) {
  const {InlineStyleSheet} = Bokeh.require("core/dom")
  const {VisualProperties} = Bokeh.require("core/visuals/visual")
  const {GlyphRendererView} = Bokeh.require("models/renderers/glyph_renderer")

  // A style sheet that is given the text it has stays as it is.
  const update = InlineStyleSheet.prototype._update
  InlineStyleSheet.prototype._update = function (css) {
    if (this.el.textContent !== css) update.call(this, css)
  }
  // Colours of plots come from their models, none from a style sheet.
  VisualProperties.prototype._get_css_value = () => ""
  // Nothing hangs on the place of a curve's empty element, which moves whenever the curve does.
  GlyphRendererView.prototype.update_position = () => {}
}

// What has to be mended in the browser; upstream.py says why.

export function render({el}) {
  el.style.display = "none"
  if (!window.mended) mend(window.Bokeh)
  window.mended = true
}

function mend(Bokeh) {
  const {AxisView} = Bokeh.require("models/axes/axis")
  const {InlineStyleSheet} = Bokeh.require("core/dom")
  const {VisualProperties} = Bokeh.require("core/visuals/visual")
  const {GlyphRendererView} = Bokeh.require("models/renderers/glyph_renderer")
  const {GlyphView} = Bokeh.require("models/glyphs/glyph")
  const {PlotView} = Bokeh.require("models/plots/plot_canvas")
  const {RangeManager} = Bokeh.require("models/plots/range_manager")
  const {DataRange1d} = Bokeh.require("models/ranges/data_range1d")

  // A style sheet that is given the text it has stays as it is.
  const update = InlineStyleSheet.prototype._update
  InlineStyleSheet.prototype._update = function (css) {
    if (this.el.textContent !== css) update.call(this, css)
  }
  // Colours of plots come from their models, none from a style sheet.
  VisualProperties.prototype._get_css_value = () => ""
  // Nothing hangs on the place of a curve's empty element, which moves whenever the curve does.
  GlyphRendererView.prototype.update_position = () => {}

  // The label of an axis is made in its own time, and painted when it is there.
  const {_init_axis_label} = AxisView.prototype
  AxisView.prototype._init_axis_label = async function () {
    await _init_axis_label.call(this)
    if (this.layout != null) this.plot_view.request_layout()
  }

  // A plot whose new size its parent has noticed before it takes that size all the same.
  const {after_resize} = PlotView.prototype
  PlotView.prototype.after_resize = function () {
    after_resize.call(this)
    const {width, height} = this.canvas_view.bbox
    if (width !== this.bbox.width || height !== this.bbox.height) this._after_resize()
  }

  // A glyph has five views, four of them for what is selected, muted or thinned out. They look up
  // once where their data is, and no more while nothing of the kind is shown.
  const {set_data, set_visuals, map_data, index_data} = GlyphView.prototype
  GlyphView.prototype.set_data = async function (...data) {
    if (!unseen(this)) await set_data.apply(this, data)
  }
  GlyphView.prototype.set_visuals = function (...data) {
    if (!unseen(this)) set_visuals.apply(this, data)
    this.complete = true
  }
  GlyphView.prototype.map_data = function () {
    if (!unseen(this)) map_data.call(this)
  }
  // A curve that changes leaves the axes as they are.
  const {_invalidate_layout_if_needed} = PlotView.prototype
  PlotView.prototype._invalidate_layout_if_needed = function () {
    const curves = [...this._invalidated_painters].every((view) => view instanceof GlyphRendererView)
    if (this._invalidate_all || this._needs_layout || !curves) _invalidate_layout_if_needed.call(this)
  }
  // Where the data ends matters to an axis that follows it.
  const {_update_dataranges} = RangeManager.prototype
  RangeManager.prototype._update_dataranges = function (frame) {
    const ranges = [...frame.x_ranges.values(), ...frame.y_ranges.values()]
    const follows = ranges.some((range) => range instanceof DataRange1d)
    if (follows) _update_dataranges.call(this, frame)
  }
  // The index of all points, by which a glyph finds those near the pointer, is made when asked for.
  const {get} = Object.getOwnPropertyDescriptor(GlyphView.prototype, "index")
  GlyphView.prototype.index_data = function () { this.unindexed = true }
  Object.defineProperty(GlyphView.prototype, "index", {
    configurable: true,
    get() {
      if (this.unindexed) {
        this.unindexed = false
        index_data.call(this)
      }
      return get.call(this)
    },
  })
}

function unseen(glyph) {
  const {model, data_source, plot_model} = glyph.renderer
  return glyph.complete && glyph.base !== null && !model.muted
    && plot_model.lod_threshold === null && data_source.get_value().selected.is_empty()
}

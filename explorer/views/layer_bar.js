// Play and scrub a layer's run, all in the browser. The source "layer_cursor" holds where the
// cursor stands (time) and where it returns to after a hover (pinned, NaN for the end of the run);
// "winner_frames" holds the map at many moments, of which the one at the cursor is put into the
// image of "winner_map".

const PLAY_SECONDS = 8

export function render({model, el, view}) {
  const find = (name) => view.model.document.get_model_by_name(name)
  const cursor = find("layer_cursor")
  const frames = find("winner_frames")
  const map = find("winner_map")

  const bar = document.createElement("div")
  bar.className = "bar"
  bar.innerHTML = `
    <button class="play" type="button" aria-label="Play the layer" title="Play the layer"></button>
    <input class="time" type="range" aria-label="Time in the layer" min="0" max="1" step="any" value="1">
    <div class="readout"></div>`
  el.append(bar)
  const [button, range, readout] = bar.children
  let playing = null

  const end = () => frames.data.time[frames.data.time.length - 1] ?? 0
  const place = (t, pin) => cursor.setv({data: {time: [t], pinned: [pin]}}, {sync: false})

  // The frame that ends at or first after t.
  function index(t) {
    const times = frames.data.time
    let low = 0
    let high = times.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (times[middle] < t - 1e-4) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  function show() {
    const t = cursor.data.time[0]
    range.max = end()
    range.value = t
    range.setAttribute("aria-valuetext", `${t.toFixed(1)} ms`)
    readout.innerHTML = `<span>t = <b>${t.toFixed(1)}</b> ms</span>`
    const image = map.data.image[0]
    const stack = frames.data.frame
    const size = image.length
    const from = index(t) * size
    if (stack.length < from + size) { return } // the frames of another shape are on their way
    image.set(new Uint8Array(stack.buffer, stack.byteOffset + from, size))
    map.change.emit()
  }

  function label(text) {
    button.setAttribute("aria-label", `${text} the layer`)
    button.title = `${text} the layer`
    button.classList.toggle("playing", text === "Pause")
  }

  function stop() {
    cancelAnimationFrame(playing)
    playing = null
    label("Play")
  }

  function play() {
    let t = cursor.data.time[0] >= end() - 1e-6 ? 0 : cursor.data.time[0]
    let before = null
    label("Pause")
    const advance = (now) => {
      t += (now - (before ?? now)) * end() / PLAY_SECONDS / 1000
      before = now
      if (t >= end()) { place(end(), NaN); stop(); return }
      place(t, t)
      playing = requestAnimationFrame(advance)
    }
    playing = requestAnimationFrame(advance)
  }

  button.addEventListener("click", () => playing === null ? play() : stop())
  range.addEventListener("input", () => { stop(); place(+range.value, +range.value) })
  range.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1}[event.key]
    if (!step) { return }
    event.preventDefault()
    stop()
    const size = end() / 500 * (event.shiftKey ? 10 : event.ctrlKey ? 0.1 : 1)
    const t = Math.min(end(), Math.max(0, cursor.data.time[0] + step * size))
    place(t, t)
  })

  cursor.properties.data.change.connect(show)
  // The frames are the last source that a redraw assigns: the map's image has its shape by then.
  frames.properties.data.change.connect(() => {
    const pin = cursor.data.pinned[0]
    if (Number.isNaN(pin) || pin > end()) { place(end(), NaN) } else { show() }
  })
  model.on("remove", stop)
  place(end(), NaN)
}

// Play and scrub a layer's run, all in the browser. The source "layer_cursor" holds where the
// cursor stands (time) and where it returns to after a hover (pinned, NaN for the end of the run);
// "winners" holds every win, of which those up to the cursor are drawn into "winner_map".

const PLAY_SECONDS = 8
const NOBODY = 255 // as in feature_colours.py

export function render({model, el, view}) {
  const find = (name) => view.model.document.get_model_by_name(name)
  const cursor = find("layer_cursor")
  const wins = find("winners")
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

  const end = () => model.end
  const place = (t, pin) => cursor.setv({data: {time: [t], pinned: [pin]}}, {sync: false})

  // The map at time t: the latest winner of each place, fainter the longer ago.
  function draw(t) {
    const image = map.data.image[0]
    const {time, place, colour} = wins.data
    const {shades, fade} = model
    image.fill(0)
    for (let i = 0; i < time.length && time[i] <= t + 1e-4; i++) {
      const age = fade > 0 ? Math.min(1, (t - time[i]) / fade) : 0
      image[place[i]] = colour[i] === NOBODY ? 0 : 1 + colour[i] * shades + Math.round((1 - age) * (shades - 1))
    }
    map.change.emit()
  }

  function show() {
    const t = cursor.data.time[0]
    range.max = end()
    range.value = t
    range.setAttribute("aria-valuetext", `${t.toFixed(1)} ms`)
    readout.innerHTML = `<span>t = <b>${t.toFixed(1)}</b> ms</span>`
    draw(t)
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
  // The wins are the last source that a redraw assigns: the map's image has its shape by then.
  wins.properties.data.change.connect(() => {
    const pin = cursor.data.pinned[0]
    if (Number.isNaN(pin) || pin > end()) { place(end(), NaN) }
    show() // also where the cursor stays where it is, which nobody is told of
  })
  model.on("remove", stop)
  place(end(), NaN)
}

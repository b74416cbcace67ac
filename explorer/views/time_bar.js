// The time cursor: play, scrub, hover and the readout, all in the browser.
// One data source called "cursor" holds where the cursor stands (time) and where it returns to
// after a hover (pinned, NaN for the end of the run). Whoever moves it writes that source; this
// file alone listens, moves the marker of the phase plane and writes the readout.

const PLAY_SECONDS = 8
const TELL_EVERY = 120 // ms between messages to the server while the cursor moves

export function render({model, el, view}) {
  const doc = view.model.document
  const find = (name) => doc.get_model_by_name(name)

  const bar = document.createElement("div")
  bar.className = "bar"
  bar.innerHTML = `
    <button class="play" type="button" aria-label="Play" title="Play"></button>
    <input class="time" type="range" aria-label="Time" min="0" max="1" step="any" value="1">
    <div class="readout"></div>`
  el.append(bar)
  const button = bar.querySelector(".play")
  const range = bar.querySelector(".time")
  const readout = bar.querySelector(".readout")

  const cursor = find("cursor")
  const marker = find("marker")
  let frame = null
  let told = 0
  let telling = null

  const end = () => {
    const time = find("voltage").data.time
    return time.length ? time[time.length - 1] : 0
  }
  const pinned = () => cursor.data.pinned[0]
  const keep = (source, data) => source.setv({data}, {sync: false}) // stays in the browser
  const place = (time, pin) => keep(cursor, {time: [time], pinned: [pin]})

  // What a curve shows at a time: it is drawn with straight lines between few points.
  function at(times, values, t) {
    let low = 0
    let high = times.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (times[middle] < t) { low = middle + 1 } else { high = middle }
    }
    const from = Math.max(0, low - 1)
    const span = times[low] - times[from]
    const part = span > 0 ? Math.min(1, (t - times[from]) / span) : 1
    const value = part === 1 ? values[low] : values[from] + part * (values[low] - values[from])
    if (!Number.isNaN(value)) return value
    while (Number.isNaN(values[low]) && low + 1 < times.length) { low += 1 } // a gap
    return values[low]
  }

  function show() {
    const t = cursor.data.time[0]
    const path = find("trajectory")
    if (path && path.data.time.length) {
      const {time, x, y} = path.data
      keep(marker, {x: [at(time, x, t)], y: [at(time, y, t)]})
    }
    range.max = end()
    range.value = t
    range.setAttribute("aria-valuetext", `${t.toFixed(1)} ms`)
    clock.data = t.toFixed(1)
    for (const {row, number} of rows) {
      const {data} = find(row.source)
      const values = data[row.column]
      number.data = values?.length ? at(data.time, values, t).toFixed(row.digits) : "–"
    }
  }

  // Texts are made once and then only changed: new elements would lay out the page at each frame.
  const clock = document.createTextNode("")
  let rows = []
  function arrange() {
    const line = (label, number, unit, colour) => {
      const span = document.createElement("span")
      const bold = document.createElement("b")
      bold.append(number)
      span.append(`${label} = `, bold, ` ${unit}`)
      span.style.color = colour
      return span
    }
    rows = model.readouts.map((row) => ({row, number: document.createTextNode("")}))
    readout.replaceChildren(
      line("t", clock, "ms", ""),
      ...rows.map(({row, number}) => line(row.label, number, row.unit, row.colour)),
    )
  }

  function tell() {
    const now = performance.now()
    clearTimeout(telling)
    const wait = told + TELL_EVERY - now
    if (wait > 0) { telling = setTimeout(tell, wait); return }
    told = now
    const pin = pinned()
    model.send_msg({cursor: Number.isNaN(pin) ? null : pin})
  }

  function stop() {
    cancelAnimationFrame(frame)
    frame = null
    button.setAttribute("aria-label", "Play")
    button.title = "Play"
    button.classList.remove("playing")
  }

  function play() {
    const last = end()
    const speed = last / PLAY_SECONDS / 1000
    let t = cursor.data.time[0] >= last - 1e-6 ? 0 : cursor.data.time[0]
    let before = null
    button.setAttribute("aria-label", "Pause")
    button.title = "Pause"
    button.classList.add("playing")
    const advance = (now) => {
      t += (now - (before ?? now)) * speed
      before = now
      if (t >= end()) { place(end(), end()); stop(); return }
      place(t, t)
      frame = requestAnimationFrame(advance)
    }
    frame = requestAnimationFrame(advance)
  }

  button.addEventListener("click", () => frame === null ? play() : stop())
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

  let last_pin = pinned()
  cursor.properties.data.change.connect(() => {
    show()
    const pin = pinned()
    if (pin !== last_pin && !(Number.isNaN(pin) && Number.isNaN(last_pin))) {
      last_pin = pin
      tell()
    }
  })
  const settle = () => {
    const pin = pinned()
    // A cursor that is put where it stands is no change: the new run is shown all the same.
    const returns = Number.isNaN(pin) || pin > end()
    if (returns && cursor.data.time[0] !== end()) { place(end(), pin) } else { show() }
  }
  // The voltage is the last source that a redraw assigns: all others are new by then.
  find("voltage").properties.data.change.connect(settle)
  model.on("readouts", () => { arrange(); show() })
  model.on("msg:custom", () => { last_pin = NaN; stop(); place(end(), NaN) })
  model.on("remove", stop)
  arrange()
  settle()
}

// Times within the page: when the hand moved, and in which frame its value was painted.
//
// The injected current tells which value a frame shows: its last sample is the amplitude.
// A frame counts as painted at the second animation frame after both the voltage and the current
// have changed, by which time the first one, in which Bokeh paints, is on the screen.
() => {
  const models = () => [...Bokeh.documents[0].all_models]
  const holds = (column) => models().find((model) => model.data?.[column]?.length && model.data.time?.length)
  const probe = window.probe = {
    painted: [], // {at, value, age}: frames that show a value for the first time
    inputs: [], // {at, value}
    first: null, // when the first voltage was painted, ms since the navigation began
    last: 0,
    value: null,
  }

  probe.ready = () => {
    if (!window.Bokeh?.documents?.length || !holds("v") || !holds("current")) { return false }
    const canvas = [...Bokeh.index.roots].length > 0
    if (canvas && probe.first === null && !probe.waiting) {
      probe.waiting = true
      after_paint((at) => { probe.first = at })
    }
    return probe.first !== null
  }

  function after_paint(call) {
    requestAnimationFrame(() => requestAnimationFrame((at) => call(at)))
  }

  function amplitude() {
    const {current} = holds("current").data
    return current[current.length - 1]
  }

  const same = (a, b) => Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(a))

  probe.asked = (at, value) => {
    const before = probe.inputs[probe.inputs.length - 1]
    if (!before || !same(before.value, value)) { probe.inputs.push({at, value}) }
  }

  // A value belongs to the newest event of the hand at the moment at which the slider takes it.
  probe.listen = (slider, value) => {
    probe.value = value
    probe.asked(performance.now(), value())
    probe.inputs[0].at = -Infinity
    let newest = 0
    const note = (event) => {
      newest = Math.max(newest, event.timeStamp)
      setTimeout(() => probe.asked(event.timeStamp, value()))
    }
    for (const kind of ["keydown", "input", "pointermove", "mousemove", "pointerrawupdate"]) {
      document.addEventListener(kind, note, {capture: true})
    }
    new MutationObserver(() => probe.asked(newest, value())).observe(slider, {attributes: true})
    let shown = amplitude()
    const waiting = new Set(["v", "current"])
    const changed = (column) => {
      probe.last = performance.now()
      waiting.delete(column)
      if (waiting.size) { return }
      waiting.add("v").add("current")
      after_paint((at) => {
        const now = amplitude()
        if (same(now, shown)) { return }
        shown = now
        const cause = probe.inputs.findLast((input) => same(input.value, now) && input.at <= at)
        if (cause) { probe.painted.push({at, value: now, age: at - cause.at}) }
      })
    }
    for (const column of ["v", "current"]) { holds(column).change.connect(() => changed(column)) }
  }

  // Redraws until the hand came to rest, which is its last movement.
  probe.duringMoves = () => {
    const rest = probe.inputs[probe.inputs.length - 1].at
    return probe.painted.filter((frame) => frame.at <= rest).length
  }

  // From the last movement to the frame that shows it.
  probe.lag = () => {
    const rest = probe.inputs[probe.inputs.length - 1]
    const frame = probe.painted.findLast((each) => same(each.value, rest.value))
    return frame ? frame.at - rest.at : NaN
  }

  // Whether the page has come to rest: it shows where the hand is, and nothing changed since.
  probe.quiet = () => {
    const rest = probe.inputs[probe.inputs.length - 1]
    const busy = Math.max(probe.last, rest.at)
    return same(amplitude(), rest.value) && performance.now() - busy > 500
  }
}

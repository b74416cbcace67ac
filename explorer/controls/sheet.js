// Draws a sheet of controls and reports what the hand does with them; declared in sheet.py.
//
// Messages to Python: {event: "move", name, value, number}  a control has another value
//                     {event: "refuse", name, text}         what was typed is no value
//                     {event: "default", name}              back to a default only Python knows
//                     {event: "press", name}                a button

const THUMB = 14 // px, as in sheet.css
const PATIENCE = 500 // ms to wait for the answer to a movement; longer than a picture takes

export function render({model}) {
  const sheet = new Sheet(model)
  const redo = {
    groups: () => sheet.build(),
    values: () => sheet.receive(),
    defaults: () => sheet.refresh(),
    notes: () => sheet.annotate(),
    marks: () => sheet.annotate(),
    hidden: () => sheet.reveal(),
    answered: () => sheet.hear(model.answered),
  }
  for (const [name, call] of Object.entries(redo)) model.on(name, call)
  model.on("remove", () => Sheet.all.delete(sheet))
  return sheet.root
}

class Sheet {
  static all = new Set()

  constructor(model) {
    Sheet.all.add(this)
    this.model = model
    this.controls = new Map()
    this.closed = new Set() // headings of closed groups, kept when groups are drawn anew
    this.waiting = new Map() // movements that no message told of yet, by name
    this.number = 0 // of the newest message
    this.underway = false // whether it is still to be answered
    this.held = null // the slider in the hand
    // Hidden until the style sheet has arrived, so that nothing is seen to jump.
    this.root = make("div", {class: "sheet", style: "visibility: hidden"})
    this.build()
  }

  build() {
    const focus = this.root.getRootNode().activeElement?.dataset?.key
    this.controls.clear()
    this.held = null
    this.sections = this.model.groups.map((group) => this.section(group))
    this.root.replaceChildren(...this.sections.map((section) => section.element))
    this.refresh()
    this.annotate()
    this.reveal()
    if (focus) this.root.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus()
  }

  section(group) {
    const rows = group.rows.map((row) => {
      const control = new kinds[row.kind](row, this)
      this.controls.set(row.name, control)
      return control
    })
    const buttons = group.actions.map((action) => make("button", {
      type: "button", class: action.undoes ? "action undo" : "action", "aria-label": action.label, "data-key": `press:${action.name}`,
      onclick: () => this.tell({event: "press", name: action.name}),
    }, action.text))
    const elements = rows.map((control) => control.element)
    if (!group.title) {
      return {rows, element: make("div", {class: "group plain"}, ...elements, ...buttons)}
    }
    const details = make("details", {open: !this.closed.has(group.title)},
      make("summary", {}, group.title), ...elements)
    details.ontoggle = () => this.closed[details.open ? "delete" : "add"](group.title)
    const actions = make("div", {class: "actions"}, ...buttons)
    const attributes = {class: "group", role: "group", "aria-label": group.title}
    return {rows, element: make("div", attributes, details, actions)}
  }

  // --- from Python to the screen -------------------------------------------------------------

  refresh() {
    for (const [name, control] of this.controls) {
      control.fallback = this.model.defaults[name] ?? null
      control.show(this.model.values[name])
    }
  }

  receive() {
    for (const [name, control] of this.controls) {
      if (!same(this.model.values[name], control.value)) control.receive(this.model.values[name])
    }
  }

  annotate() {
    for (const [name, control] of this.controls) {
      control.annotate(this.model.notes[name] ?? "", this.model.marks[name] ?? "")
    }
  }

  reveal() {
    const hidden = new Set(this.model.hidden)
    for (const [name, control] of this.controls) control.element.hidden = hidden.has(name)
    for (const {rows, element} of this.sections) {
      element.hidden = rows.length > 0 && rows.every((control) => control.element.hidden)
    }
  }

  // --- from the hand to Python ---------------------------------------------------------------

  // One movement is under way at a time; those that the same control makes meanwhile share the next
  // message, of which only the latest counts: the picture is as new as it can be, never behind.
  move(name, value) {
    this.model.values[name] = value // what Python will hold too, without being sent back
    if (!this.waiting.has(name)) Sheet.hasten()
    this.waiting.set(name, value)
    if (!this.underway) this.send()
  }

  // What the hand does at one control is told before what it does next at another.
  static hasten() {
    for (const sheet of Sheet.all) if (sheet.waiting.size > 0) sheet.send()
  }

  tell(message) {
    Sheet.hasten()
    this.model.send_msg(message)
  }

  send() {
    clearTimeout(this.patience)
    this.underway = this.waiting.size > 0
    if (!this.underway) return
    this.number += 1
    for (const [name, value] of this.waiting) {
      this.model.send_msg({event: "move", name, value, number: this.number})
    }
    this.waiting.clear()
    this.patience = setTimeout(() => this.send(), PATIENCE)
  }

  hear(number) {
    if (!this.underway || number < this.number) return
    this.held?.follow()
    this.send()
  }
}

// --- rows ------------------------------------------------------------------------------------

let count = 0

class Control {
  constructor(row, sheet) {
    this.row = row
    this.sheet = sheet
    this.value = null
    this.fallback = null
    this.id = `row-${++count}`
    this.label = make("span", {class: row.bare ? "label unseen" : "label", title: row.doc}, row.label)
    this.symbol = make("span", {class: "symbol", "aria-hidden": "true", html: row.symbol})
    this.mark = make("span", {class: "mark"})
    this.unit = make("span", {class: "unit", "aria-hidden": "true"}, row.unit)
    this.doc = make("span", {class: "doc", id: `${this.id}-doc`}, row.doc)
    this.note = make("div", {class: "note", role: "alert", id: `${this.id}-note`})
    this.head = make("div", {class: "head"}, this.label, this.symbol, this.mark, this.unit)
    this.element = make("div", {class: `row ${row.kind}`, "data-name": row.name})
    this.label.onclick = () => row.doc && this.element.classList.toggle("explained")
    if (row.accent) this.element.style.setProperty("--own-accent", row.accent)
  }

  // Attributes that name and describe the part of a row that takes the focus.
  named(part) {
    const described = this.row.doc ? {"aria-describedby": `${this.id}-doc`} : {}
    return {"aria-label": this.row.label, "data-key": `${part}:${this.row.name}`, ...described}
  }

  receive(value) { this.show(value) }

  annotate(note, mark) {
    const news = this.said !== note
    if (news) this.note.replaceChildren(...quoted(this.said = note))
    this.element.classList.toggle("noted", note !== "")
    if (news && note && this.element.matches(":focus-within")) this.note.scrollIntoView({block: "nearest"})
    this.mark.textContent = mark
    for (const input of this.element.querySelectorAll("input, select")) {
      input.setAttribute("aria-invalid", note !== "")
      const ids = [this.row.doc && this.doc.id, note && this.note.id].filter(Boolean)
      if (ids.length) input.setAttribute("aria-describedby", ids.join(" "))
    }
  }

  changed() {
    const differs = this.fallback !== null && !same(this.value, this.fallback)
    this.element.classList.toggle("changed", differs)
  }
}

// A number typed into a field; the ground on which a slider stands.
class NumberControl extends Control {
  constructor(row, sheet) {
    super(row, sheet)
    this.refused = false
    this.field = make("input", {
      type: "text", class: "field", autocomplete: "off", spellcheck: "false",
      inputmode: row.least !== null && row.least >= 0 ? "decimal" : "text", ...this.named("field"),
      onkeydown: (event) => this.type(event), onblur: () => this.commit(),
      ondblclick: () => this.restore(),
    })
    this.element.append(this.head, this.field, this.doc, this.note)
  }

  show(value) {
    this.value = value ?? null
    this.refused = false
    this.write()
    this.changed()
  }

  write() { this.field.value = this.text = this.value === null ? "" : format(this.value) }

  annotate(note, mark) {
    super.annotate(note, mark)
    if (this.refused && !note) this.show(this.value)
  }

  set(value) {
    const {least, most, integer} = this.row
    const whole = integer ? Math.round(value) : value
    this.show(Math.min(most ?? Infinity, Math.max(least ?? -Infinity, whole)))
    this.sheet.move(this.row.name, this.value)
  }

  restore() {
    if (this.fallback !== null) this.set(this.fallback)
    else this.sheet.tell({event: "default", name: this.row.name})
  }

  step(direction, event) {
    const {row, value} = this
    const times = event.shiftKey || event.key.startsWith("Page") ? 10 : event.ctrlKey || event.altKey ? 0.1 : 1
    let step = row.step * times
    if (row.log && value > 0) {
      step = 10 ** Math.floor(Math.log10(value * (1 + direction * 1e-9)) + 1e-12) * 0.1 * times
    }
    if (row.integer) step = Math.max(1, Math.round(step))
    this.set(tidy(value + direction * step))
  }

  // Steps by keys that mean the same on a track and in a field.
  key(event) {
    const direction = {ArrowUp: 1, ArrowDown: -1, PageUp: 1, PageDown: -1}[event.key]
    if (!direction) return false
    event.preventDefault()
    this.step(direction, event)
    return true
  }

  type(event) {
    if (event.key === "Enter") { this.commit(true); this.field.select() }
    else if (event.key === "Escape") this.refused ? this.set(this.value) : this.write()
    else if (/^(Arrow|Page)/.test(event.key)) { this.commit(); this.key(event) }
  }

  commit(sure = false) {
    const text = this.field.value
    if (text === this.text && !(sure && this.refused)) return
    const value = parse(text)
    const {least, most, integer} = this.row
    const fits = value >= (least ?? -Infinity) && value <= (most ?? Infinity)
    if (Number.isFinite(value) && fits && !(integer && value % 1)) {
      this.set(value)
    } else {
      this.text = text // stays in the field, beside the sentence that says why it is no value
      this.refused = true
      this.sheet.tell({event: "refuse", name: this.row.name, text})
    }
  }
}

// Where the browser tells of a pointer before the next frame is due, the slider goes along at once:
// half a frame sooner on average. While a movement is under way only the place is noted.
class SliderControl extends NumberControl {
  constructor(row, sheet) {
    super(row, sheet)
    this.held = false
    this.pointer = null // where the hand is, px, once it is farther than the slider
    this.box = null
    this.late = undefined // a value that arrived from Python while the hand held the track
    this.range = make("input", {
      type: "range", min: this.place(row.low), max: this.place(row.high), step: "any",
      ...this.named("range"), oninput: () => this.drag(), onchange: () => this.release(),
      onpointerdown: () => this.hold(), onpointerup: () => this.release(),
      onpointerrawupdate: (event) => this.lead(event),
      onpointercancel: () => this.release(), ondblclick: () => this.restore(),
      onkeydown: (event) => { this.key(event) }, // an answer of false would stop the Tab key
    })
    const rail = make("div", {class: "rail"}, make("div", {class: "fill"}), make("div", {class: "home"}))
    this.track = make("div", {class: "track"}, rail, this.range)
    this.field.before(this.track)
  }

  place(value) { return this.row.log ? Math.log10(Math.max(value, Number.MIN_VALUE)) : value }

  // Where a value stands on the track, 0 to 1.
  share(value) {
    const {low, high} = this.row
    const [from, to, at] = [low, high, value].map((number) => this.place(number))
    return to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 0
  }

  show(value) {
    super.show(value)
    if (!this.held) this.range.value = this.place(this.value)
    this.draw()
  }

  draw() {
    const {value, fallback, row} = this
    this.track.style.setProperty("--at", this.share(value))
    this.track.style.setProperty("--home", this.share(fallback ?? value))
    this.track.classList.toggle("homeless", fallback === null)
    this.track.classList.toggle("beyond", value < row.low || value > row.high)
    this.range.setAttribute("aria-valuetext", `${format(value)}${row.unit ? ` ${row.unit}` : ""}`)
  }

  receive(value) {
    if (this.held) this.late = value
    else if (this.field.value === this.text || !this.focused()) this.show(value)
    else this.value = value // the hand is typing: the text stays
  }

  focused() { return this.element.getRootNode().activeElement === this.field }

  hold() {
    this.held = true
    this.sheet.held = this
    this.box = this.range.getBoundingClientRect()
  }

  lead(event) {
    if (!this.held || event.pointerType === "touch") return
    this.pointer = event.clientX
    if (!this.sheet.underway) this.follow()
  }

  // Goes to where the hand is, as the browser does at its next frame.
  follow() {
    if (this.pointer === null) return
    const [from, to] = [this.place(this.row.low), this.place(this.row.high)]
    const share = (this.pointer - this.box.left - THUMB / 2) / (this.box.width - THUMB)
    this.range.value = from + Math.min(1, Math.max(0, share)) * (to - from)
    this.drag()
  }

  drag() {
    this.pointer = null
    const {low, high, step, log, integer} = this.row
    const at = this.range.valueAsNumber
    let value = log ? Number((10 ** at).toPrecision(2)) : tidy(Math.round(at / step) * step)
    if (at <= this.place(low)) value = low
    if (at >= this.place(high)) value = high
    value = integer ? Math.round(value) : Math.min(high, Math.max(low, value))
    if (value === this.value && this.late === undefined && !this.refused) return
    this.late = undefined
    this.value = value
    this.refused = false
    this.write()
    this.changed()
    this.draw()
    this.sheet.move(this.row.name, value)
  }

  release() {
    this.follow()
    this.held = false
    this.sheet.held = null
    this.show(this.late === undefined ? this.value : this.late)
    this.late = undefined
  }

  key(event) {
    const {low, high} = this.row
    const sideways = {ArrowRight: 1, ArrowLeft: -1}[event.key]
    const end = {Home: low, End: high}[event.key]
    if (sideways) this.step(sideways, event)
    else if (end !== undefined) this.set(end)
    else if (event.key === "Delete" || event.key === "Backspace") this.restore()
    else return super.key(event)
    event.preventDefault()
    return true
  }

  type(event) {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) super.type(event)
  }
}

class ChoiceControl extends Control {
  constructor(row, sheet) {
    super(row, sheet)
    this.select = make("select", {...this.named("select"), onchange: () => this.choose()})
    this.select.append(...headed(row.options, (heading, options) => make("optgroup", {label: heading}, ...options),
      ({value, text}) => make("option", {value}, text)))
    this.element.append(this.head, this.select, this.doc, this.note)
  }

  show(value) {
    this.value = value ?? null
    this.select.value = value ?? ""
    this.changed()
  }

  choose() {
    this.value = this.select.value
    this.changed()
    this.sheet.move(this.row.name, this.value)
  }
}

class ChipsControl extends Control {
  constructor(row, sheet) {
    super(row, sheet)
    this.chips = []
    this.box = make("div", {class: "pills", role: "radiogroup", "aria-label": row.label,
      onkeydown: (event) => this.walk(event)})
    this.box.append(...headed(row.options,
      (heading, chips) => make("div", {class: "family", "data-heading": heading}, ...chips),
      (option) => this.chip(option)))
    this.element.append(this.head, this.box, this.doc, this.note)
  }

  chip({value, text, label}) {
    const chip = make("button", {
      type: "button", role: "radio", "data-key": `chip:${this.row.name}:${value}`,
      "aria-label": label, onclick: () => this.choose(value),
    }, text)
    this.chips.push([value, chip])
    return chip
  }

  show(value) {
    this.value = value ?? null
    const known = this.chips.some(([each]) => each === value)
    this.chips.forEach(([each, chip], position) => {
      chip.setAttribute("aria-checked", each === value)
      chip.tabIndex = each === value || (!known && position === 0) ? 0 : -1
      if (each === value) requestAnimationFrame(() => this.bring(chip))
    })
  }

  // Scroll the box, and nothing around it, so far that a chip is seen.
  bring(chip) {
    const [inner, outer] = [chip, this.box].map((element) => element.getBoundingClientRect())
    if (inner.top < outer.top) this.box.scrollTop -= outer.top - inner.top + 4
    if (inner.bottom > outer.bottom) this.box.scrollTop += inner.bottom - outer.bottom + 4
  }

  choose(value) {
    this.show(value)
    this.sheet.move(this.row.name, value)
  }

  walk(event) {
    const way = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key]
    if (!way) return
    event.preventDefault()
    const at = this.chips.findIndex(([, chip]) => chip === this.box.getRootNode().activeElement)
    const [value, chip] = this.chips[(at + way + this.chips.length) % this.chips.length]
    chip.focus()
    this.choose(value)
  }
}

class TextControl extends Control {
  constructor(row, sheet) {
    super(row, sheet)
    this.text = make("p")
    this.element.append(this.text, this.note)
  }

  show(value) {
    this.value = value ?? ""
    this.text.textContent = this.value
  }
}

const kinds = {slider: SliderControl, number: NumberControl, choice: ChoiceControl, chips: ChipsControl, segments: ChipsControl, text: TextControl}

// --- numbers and elements ---------------------------------------------------------------------

// Seven significant digits are more than any control needs and hide the noise of binary fractions.
function tidy(value) { return Number(value.toPrecision(12)) }

function format(value) { return typeof value === "number" ? String(Number(value.toPrecision(7))) : "" }

function parse(text) {
  const plain = text.trim().replace(",", ".").replace("\u2212", "-")
  return plain === "" ? NaN : Number(plain)
}

function same(a, b) { return a === b || (a == null && b == null) }

// Options with their headings: those of one heading inside `frame`, those without one as they are.
function headed(options, frame, draw) {
  const families = new Map()
  for (const option of options) {
    families.set(option.heading, [...(families.get(option.heading) ?? []), draw(option)])
  }
  return [...families].flatMap(([heading, drawn]) => heading ? [frame(heading, drawn)] : drawn)
}

// A sentence in which the names between backticks are set apart.
function quoted(sentence) {
  return sentence.split("`").map((part, i) => i % 2 ? make("code", {}, part) : part)
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "html") element.innerHTML = value
    else if (name.startsWith("on")) element[name] = value
    else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value !== "") element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

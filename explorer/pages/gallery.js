// The gallery: cards of all presets, searched and filtered in the browser; a click opens one.
export function render({model, el}) {
  el.innerHTML = `
    <div class="tools">
      <input class="search" type="search" placeholder="Search" aria-label="Search presets">
      <select class="model" aria-label="Model"></select>
      <div class="tags" role="group" aria-label="Behaviour"></div>
      <span class="count" role="status"></span>
    </div>
    <p class="none" hidden>No preset fits all of that. <button type="button">Show all</button></p>
    <div class="grid"></div>`
  const search = el.querySelector(".search")
  const models = el.querySelector(".model")
  const tags = el.querySelector(".tags")
  const count = el.querySelector(".count")
  const grid = el.querySelector(".grid")
  const none = el.querySelector(".none")
  let tag = model.wanted.behaviour
  let of = model.wanted.model
  search.value = model.wanted.words

  const text = (name, words, parent) => {
    const made = document.createElement(name)
    made.textContent = words
    parent.append(made)
    return made
  }

  function make(card) {
    const link = document.createElement("a")
    link.className = "card"
    link.href = `?model=${encodeURIComponent(card.model)}&preset=${encodeURIComponent(card.slug)}`
    link.innerHTML = `<svg viewBox="0 0 ${model.size[0]} ${model.size[1]}" aria-hidden="true">
      <path class="trace" d="${card.trace}" stroke="${card.colour}"></path>
      <path class="current" d="${card.current}" stroke="${card.current_colour}"></path></svg>`
    const head = document.createElement("div")
    head.className = "head"
    text("b", card.title, head)
    if (card.passed) {
      const tick = text("span", "✓", head)
      tick.className = "tick"
      tick.title = `Checked: ${card.checked}`
      tick.setAttribute("role", "img")
      tick.setAttribute("aria-label", `Checked: ${card.checked}`)
    }
    link.append(head)
    text("span", card.model_title, link).className = "kind"
    text("span", card.note, link).className = "note"
    if (card.checked) { text("span", card.checked, link).className = "checked" }
    text("span", card.source, link).className = "source"
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) { return }
      event.preventDefault()
      model.send_msg({model: card.model, slug: card.slug})
    })
    const words = [card.title, card.model_title, card.note, card.source, ...card.behaviours]
    return {card, link, words: words.join(" ").toLowerCase()}
  }

  let made = []
  function filter() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    let shown = 0
    for (const {card, link, words} of made) {
      const fits = (!of || card.model === of)
        && (!tag || card.behaviours.includes(tag)) && wanted.every((word) => words.includes(word))
      link.hidden = !fits
      shown += fits
    }
    count.textContent = shown === made.length ? `${shown} presets` : `${shown} of ${made.length}`
    none.hidden = shown > 0 || made.length === 0
    for (const button of tags.children) {
      const known = made.some(({card}) => card.behaviours.includes(button.textContent)
        && (!of || card.model === of))
      button.hidden = !known && button.textContent !== tag
    }
  }

  // What is searched for is told too: a link carries it.
  function change() {
    for (const button of tags.children) {
      button.setAttribute("aria-pressed", String(button.textContent === tag))
    }
    filter()
    const words = search.value.slice(0, 80)
    model.send_msg({search: {words, model: of, behaviour: tag}})
  }

  function build() {
    made = model.cards.map(make)
    grid.replaceChildren(...made.map(({link}) => link))
    models.replaceChildren()
    text("option", "All models", models).value = ""
    for (const [name, title] of new Map(model.cards.map((card) => [card.model, card.model_title]))) {
      text("option", title, models).value = name
    }
    models.value = of
    const often = new Map()
    for (const card of model.cards) {
      for (const name of card.behaviours) { often.set(name, (often.get(name) ?? 0) + 1) }
    }
    tags.replaceChildren()
    for (const [name] of [...often].sort((a, b) => b[1] - a[1])) {
      const button = text("button", name, tags)
      button.type = "button"
      button.setAttribute("aria-pressed", String(name === tag))
      button.addEventListener("click", () => {
        tag = tag === name ? "" : name
        change()
      })
    }
    filter()
  }

  // A page that is hidden has no height: when it comes back, so does the place it was scrolled to.
  let frame = null
  let place = 0
  let hidden = true
  function comeAndGo() {
    const came = hidden && grid.clientWidth > 0
    hidden = grid.clientWidth === 0
    if (!came) { return }
    if (frame) {
      frame.scrollTop = place
      return
    }
    frame = el
    while (frame && !frame.matches?.(".main-content")) { frame = frame.parentNode ?? frame.host }
    frame?.addEventListener("scroll", () => { if (grid.clientWidth > 0) { place = frame.scrollTop } })
  }
  new ResizeObserver(comeAndGo).observe(grid)

  none.querySelector("button").addEventListener("click", () => {
    search.value = ""
    models.value = of = tag = ""
    change()
    search.focus()
  })
  search.addEventListener("input", change)
  models.addEventListener("change", () => {
    of = models.value
    change()
  })
  model.on("cards", build)
  build()
}

// Asks the server for the link of what is on the screen, puts it into the address bar and copies it.
export function render({model, el}) {
  el.innerHTML = `<button type="button" class="copy">Copy link</button>`
  const button = el.querySelector(".copy")
  let back = null

  const say = (words) => {
    button.textContent = words
    clearTimeout(back)
    back = setTimeout(() => { button.textContent = "Copy link" }, 2500)
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      // A page served without https over a network has no clipboard: the address bar has the link.
      return false
    }
  }

  button.addEventListener("click", () => model.send_msg({wanted: true}))
  model.on("msg:custom", async (message) => {
    const {query} = message.data ?? message
    const link = `${location.origin}${location.pathname}?${query}`
    history.replaceState(null, "", link)
    say(await copy(link) ? "Link copied" : "Link is in the address bar")
  })
}

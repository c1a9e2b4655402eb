// The slider through training. Snapshots stand at equal distances, because the first ones are close together in steps;
// the curve of measured accuracy is stretched to fit.

const HIGH = 62, TOP = 6, LINE_AT = 40, SIDE = 12, SLOWEST = 4000, AT_LEAST = 130
const lines = new WeakMap()

// The place of a step between the snapshots around it, 0…1.
function placeOf(line, step) {
  const { steps } = line
  const last = steps.length - 1
  if (last < 1) return 0.5
  let at = 0
  while (at < last - 1 && steps[at + 1] <= step) at++
  const part = (step - steps[at]) / (steps[at + 1] - steps[at])
  return Math.min(Math.max((at + part) / last, 0), 1)
}

function draw(line) {
  const width = line.track.clientWidth
  if (!width) return
  line.width = width
  line.canvas.style.width = `${width}px`
  line.canvas.style.height = `${HIGH}px`
  const pen = new ScreenPen(line.canvas, width, HIGH, window.devicePixelRatio || 1)
  const { theme, steps } = line
  const x = (place) => SIDE + place * (width - 2 * SIDE)
  const y = (share) => LINE_AT - 4 - share * (LINE_AT - 4 - TOP)
  if (line.measured.length > 1) pen.line(line.measured.map(([step, share]) => [x(placeOf(line, step)), y(share)]), line.colour, 2, isDark(theme.page) ? 1 : 0.6)
  pen.line([[x(0), LINE_AT], [x(1), LINE_AT]], theme.soft, 4)
  const here = steps.indexOf(line.at), last = Math.max(steps.length - 1, 1)
  const many = (width - 2 * SIDE) / last
  pen.line([[x(0), LINE_AT], [x(here / last), LINE_AT]], theme.accent, 4)
  let free = -1
  steps.forEach((step, at) => {
    const place = x(steps.length > 1 ? at / last : 0.5)
    if (many > 7) pen.dot(place, LINE_AT, 2.6, at <= here ? theme.accent : theme.ink, at <= here ? 1 : 0.4)
    if (line.marked.includes(step)) {
      pen.line([[place, LINE_AT], [place, TOP + 2]], theme.cue, 1.5)
      pen.box(place, TOP, 9, 7, theme.cue)
    }
    const words = step.toLocaleString("en"), half = widthOf(words, 11) / 2
    const edge = Math.min(Math.max(place, half), width - half)
    if (edge - half < free + 6 && at !== here) return
    if (at !== here && Math.abs(edge - Math.min(Math.max(x(here / last), half), width - half)) < 2 * half + 8) return
    free = edge + half
    pen.text(words, edge, LINE_AT + 15, { colour: theme.ink, size: 11, align: "center", bold: at === here, alpha: at === here ? 1 : 0.7 })
  })
  pen.dot(x(steps.length > 1 ? here / last : 0.5), LINE_AT, 8, theme.accent, 1, theme.page)
}

function tellSide(line) {
  const { track, steps, said } = line
  track.setAttribute("aria-label", said.track)
  track.setAttribute("aria-valuemin", steps[0])
  track.setAttribute("aria-valuemax", steps.at(-1))
  track.setAttribute("aria-valuenow", line.at)
  line.play.textContent = line.playing ? "❚❚" : "▶"
  line.play.title = line.playing ? said.stop : said.plays
  line.play.setAttribute("aria-label", said.play)
  const marked = line.marked.includes(line.at)
  line.flag.textContent = marked ? "⚑" : "⚐"
  line.flag.title = marked ? said.unmark : said.mark
  line.flag.setAttribute("aria-label", line.flag.title)
}

function go(line, step) {
  if (step === line.at && !line.waiting) return
  line.at = step
  draw(line)
  tellSide(line)
  ask(line)
}

// One question at a time: the newest moment is asked for once the one before it is drawn.
function ask(line) {
  if (line.waiting || line.at === line.asked) return
  line.waiting = true
  line.asked = line.at
  line.since = performance.now()
  clearTimeout(line.late)
  line.late = setTimeout(() => drawn(line, line.asked), SLOWEST)
  line.report(line.at)
}

function drawn(line, step) {
  if (step !== line.asked) return
  clearTimeout(line.late)
  line.waiting = false
  if (line.at !== line.asked) return ask(line)
  if (!line.playing) return
  clearTimeout(line.next)
  line.next = setTimeout(() => onward(line), Math.max(0, AT_LEAST - (performance.now() - line.since)))
}

function onward(line) {
  if (!line.playing || !line.track.isConnected) return
  const at = line.steps.indexOf(line.at)
  if (at < line.steps.length - 1) return go(line, line.steps[at + 1])
  line.playing = false
  tellSide(line)
}

function toggle(line) {
  line.playing = !line.playing
  tellSide(line)
  if (!line.playing) return
  if (line.at === line.steps.at(-1)) go(line, line.steps[0])
  else onward(line)
}

function stepAt(line, event) {
  const box = line.track.getBoundingClientRect()
  const place = (event.clientX - box.left - SIDE) / (line.width - 2 * SIDE)
  const at = Math.round(place * (line.steps.length - 1))
  return line.steps[Math.min(Math.max(at, 0), line.steps.length - 1)]
}

function listen(line) {
  const { track } = line
  track.onpointerdown = (event) => {
    line.playing = false
    track.setPointerCapture(event.pointerId)
    line.dragged = true
    go(line, stepAt(line, event))
  }
  track.onpointermove = (event) => line.dragged && go(line, stepAt(line, event))
  track.onpointerup = track.onpointercancel = () => (line.dragged = false)
  track.onkeydown = (event) => {
    const at = line.steps.indexOf(line.at), last = line.steps.length - 1
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: last }[event.key]
    if (to === undefined) return
    event.preventDefault()
    line.playing = false
    go(line, line.steps[Math.min(Math.max(to, 0), last)])
  }
  line.play.onclick = () => toggle(line)
  line.flag.onclick = () => {
    line.mark(line.at)
    const { marked, at } = line
    line.marked = marked.includes(at) ? marked.filter((one) => one !== at) : [...marked, at]
    draw(line)
    tellSide(line)
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue, key }) {
  const canvas = parentElement.querySelector("canvas")
  let line = lines.get(canvas)
  if (!line) {
    const [play, track, flag] = ["play", "track", "mark"].map((one) => parentElement.querySelector(`.${one}`))
    line = { canvas, play, track, flag, playing: false, waiting: false, at: data.now, asked: data.now }
    lines.set(canvas, line)
    line.watch = new ResizeObserver(() => draw(line))
    listen(line)
  }
  Object.assign(line, data, { said: Object.fromEntries(data.said) })
  if (!line.steps.includes(line.at) || !(line.waiting || line.dragged || line.playing)) line.at = line.asked = data.now
  line.theme = themed(line.track)
  line.report = (step) => setStateValue("step", step)
  line.mark = (step) => setTriggerValue("marked", step)
  line.watch.observe(line.track)
  const heard = ({ detail }) => detail.key === data.beacon && drawn(line, detail.step)
  window.addEventListener("bothways-drawn", heard)
  draw(line)
  tellSide(line)
  return () => {
    line.watch.disconnect()
    window.removeEventListener("bothways-drawn", heard)
  }
}

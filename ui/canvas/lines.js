// Lines over a common axis, with a logarithmic scale where asked; the point that is nearest to the pointer is read out.

const HIGH = 300, DASHES = [5, 4]
const charts = new WeakMap()

const finite = (one) => Number.isFinite(one)
const written = (value) => (value === 0 ? "0" : Math.abs(value) >= 0.01 && Math.abs(value) < 10000 ? String(+value.toPrecision(3)) : value.toExponential(0))

function range(chart) {
  const shown = [...chart.values].filter((one) => finite(one) && (!chart.log || one > 0))
  let low = chart.low ?? Math.min(...shown, chart.log ? Infinity : 0), high = chart.high ?? Math.max(...shown)
  if (!shown.length) [low, high] = [chart.log ? 0.1 : 0, 1]
  if (chart.log) return [Math.floor(Math.log10(low)), Math.max(Math.ceil(Math.log10(high)), Math.floor(Math.log10(low)) + 1)]
  return [low, high > low ? high : low + 1]
}

function marks(chart, [low, high]) {
  if (chart.log) return Array.from({ length: high - low + 1 }, (_, one) => low + one)
  const step = 10 ** Math.floor(Math.log10(high - low)), by = (high - low) / step > 5 ? step * 2 : (high - low) / step > 2 ? step : step / 2
  const found = []
  for (let one = Math.ceil(low / by) * by; one <= high + by / 1000; one += by) found.push(one)
  return found
}

function paint(pen, chart, width) {
  const { ink, soft, accent } = chart.theme
  const title = lined(chart.title, width, 15, true)
  title.forEach((line, row) => pen.text(line, 0, 10 + row * 19, { colour: ink, size: 15, bold: true }))
  let top = title.length * 19 + 4
  if (chart.say) {
    for (const line of lined(chart.say, width, 12)) pen.text(line, 0, (top += 17) - 11, { colour: ink, size: 12, alpha: 0.75 })
  }
  pen.text(chart.down, 0, top + 10, { colour: ink, size: 12, alpha: 0.75 })
  top += 26
  const limits = range(chart), ticks = marks(chart, limits)
  const tickText = (one) => written(chart.log ? 10 ** one : +one.toPrecision(6))
  const left = Math.max(...ticks.map((one) => widthOf(tickText(one), 11))) + 10
  const right = width - 12, bottom = top + HIGH
  const lowX = Math.min(...chart.x), highX = Math.max(...chart.x)
  const x = (value) => left + (highX > lowX ? (value - lowX) / (highX - lowX) : 0.5) * (right - left)
  const y = (value) => bottom - (((chart.log ? Math.log10(value) : value) - limits[0]) / (limits[1] - limits[0])) * HIGH
  for (const one of ticks) {
    const at = y(chart.log ? 10 ** one : one)
    pen.line([[left, at], [right, at]], soft, 1, 0.7)
    pen.text(tickText(one), left - 6, at, { colour: ink, size: 11, align: "right", alpha: 0.75 })
  }
  const count = chart.x.length, every = Math.ceil((count * 46) / (right - left))
  for (let one = 0; one < count; one += Math.max(every, 1)) {
    const words = chart.ticks.length ? chart.ticks[one] : chart.x[one].toLocaleString("en")
    pen.text(words, x(chart.x[one]), bottom + 12, { colour: ink, size: 11, align: "center", alpha: 0.75 })
  }
  pen.text(chart.across, (left + right) / 2, bottom + 30, { colour: ink, size: 12, align: "center", alpha: 0.75 })
  if (chart.now !== null && chart.now !== undefined) pen.line([[x(chart.now), top], [x(chart.now), bottom]], accent, 1.5, 0.8)
  chart.dots = []
  chart.lines.forEach(([name, colour, dashed], row) => {
    const kept = isDark(chart.theme.page) && colour === "#2E1F66" ? "#d7cffa" : colour
    let run = []
    const flush = () => {
      if (run.length > 1) pen.line(run, kept, dashed ? 1.4 : 2.2, dashed ? 0.85 : 1, dashed ? DASHES : [])
      run = []
    }
    for (let one = 0; one < count; one++) {
      const value = chart.values[row * count + one]
      if (!finite(value) || (chart.log && value <= 0)) {
        flush()
        continue
      }
      const place = [x(chart.x[one]), y(value)]
      run.push(place)
      chart.dots.push([...place, row, one, value])
      if (count <= 24) pen.dot(...place, dashed ? 2 : 3.2, kept, dashed ? 0.85 : 1)
    }
    flush()
  })
  return legend(pen, chart, width, bottom + 50)
}

function legend(pen, chart, width, top) {
  let [x, y] = [2, top]
  for (const [name, colour, dashed] of chart.lines) {
    const kept = isDark(chart.theme.page) && colour === "#2E1F66" ? "#d7cffa" : colour
    const long = widthOf(name, 12) + 36
    if (x + long > width && x > 2) [x, y] = [2, y + 18]
    pen.line([[x, y], [x + 16, y]], kept, dashed ? 1.4 : 3, dashed ? 0.85 : 1, dashed ? DASHES : [])
    pen.text(name, x + 21, y, { colour: chart.theme.ink, size: 12 })
    x += long
  }
  return y + 14
}

function draw(chart) {
  const width = chart.canvas.parentElement.clientWidth
  if (!width) return
  const height = paint(BLIND, chart, width)
  chart.canvas.style.width = `${width}px`
  chart.canvas.style.height = `${height}px`
  const pen = new ScreenPen(chart.canvas, width, height, window.devicePixelRatio || 1)
  paint(pen, chart, width)
  const dot = chart.dots[chart.pointed]
  if (dot) pen.dot(dot[0], dot[1], 6, "#00000000", 1, chart.theme.ink)
  const words = dot ? pointed(chart, dot) : chart.hint
  if (chart.says.textContent !== words) chart.says.textContent = words
}

function pointed(chart, [, , row, one, value]) {
  const x = chart.ticks[one] || chart.x[one]
  return filled(chart.words.point, { line: chart.lines[row][0], across: chart.across, x, value: written(value) })
}

function listen(chart) {
  const { canvas } = chart
  const point = (at) => {
    if (at === chart.pointed) return
    chart.pointed = at
    draw(chart)
  }
  canvas.onpointermove = (event) => {
    const box = canvas.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    let [best, nearest] = [-1, 900]
    chart.dots.forEach(([a, b], at) => {
      const far = (a - x) ** 2 + (b - y) ** 2
      if (far < nearest) [best, nearest] = [at, far]
    })
    point(best)
  }
  canvas.onpointerleave = () => point(-1)
  canvas.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    point(Math.min(Math.max(chart.pointed + by, 0), chart.dots.length - 1))
  }
}

export default function ({ data, parentElement }) {
  const canvas = parentElement.querySelector("canvas")
  let chart = charts.get(canvas)
  if (!chart) {
    chart = { canvas, says: parentElement.querySelector(".says"), pointed: -1, dots: [] }
    charts.set(canvas, chart)
    chart.watch = new ResizeObserver(() => draw(chart))
    listen(chart)
  }
  const { at, ...told } = unpack(data)
  Object.assign(chart, told, { now: at, theme: themed(canvas) })
  canvas.setAttribute("aria-label", chart.alt)
  savedBy(parentElement, chart.words, (kind) =>
    save((pen, width) => paint(pen, chart, width), Math.max(canvas.clientWidth, 480), chart.theme, chart.name, kind),
  )
  chart.watch.observe(canvas.parentElement)
  draw(chart)
  return () => chart.watch.disconnect()
}

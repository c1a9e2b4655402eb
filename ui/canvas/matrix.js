// Words against words, or anything against anything: a matrix of small fields, or lines between the words of a sentence.

const TITLE = 15, SMALL = 11, LINE = 19
const pictures = new WeakMap()

const signs = (value) => (value < 0 ? "−" : value > 0 ? "+" : "")

function told(plot, value) {
  if (Number.isNaN(value)) return plot.words.nothing
  if (plot.colours === "change") return `${signs(value)}${digits(Math.abs(value))}`
  return digits(value)
}

function digits(value) {
  if (value === 0) return "0"
  return Math.abs(value) >= 0.001 && Math.abs(value) < 1000 ? String(+value.toPrecision(3)) : value.toExponential(1)
}

// Inside a field there is room for two digits.
function inField(plot, value) {
  const size = Math.abs(value)
  if (plot.most < 0.1 && size) return (plot.colours === "change" ? signs(value) : "") + size.toExponential(0).replace("e-", "e−")
  const written = plot.most > 9.99 ? size.toFixed(0) : size.toFixed(2).replace(/^0/, "")
  return written === ".00" ? "0" : (plot.colours === "change" ? signs(value) : "") + written
}

function colourOf(plot, row, column, value) {
  const { theme } = plot
  if (plot.colours === "change") return (value < 0 ? plot.less : plot.more)[Number(isDark(theme.page))]
  if (plot.colours === "amount") return theme.violet
  const apart = column + plot.from[1] - row - plot.from[0]
  return apart < 0 ? theme.past : apart > 0 ? theme.future : theme.self
}

// Small values stay visible: colour grows with the square root.
function shadeOf(plot, value) {
  return Math.sqrt(Math.min(Math.abs(value) / plot.most, 1))
}

function layout(plot, width) {
  const { rows, columns } = plot
  const label = Math.min(Math.max(...rows.map((one) => widthOf(one, SMALL)), 10) + 8, Math.max(80, width * 0.3))
  const left = label + 18
  const title = lined(plot.title, width - 8, TITLE, true)
  const top = title.length * LINE + (plot.say ? LINE : 0) + 8
  const room = width - left - 10
  const wide = Math.min(room / columns.length, plot.square ? 38 : 90)
  const high = plot.square ? Math.max(wide, 9) : Math.min(Math.max(13, 300 / rows.length), 26)
  const flat = columns.every((one) => widthOf(one, SMALL) <= wide - 2)
  const below = flat ? 18 : Math.min(Math.max(...columns.map((one) => widthOf(one, SMALL))), 110) * 0.87 + 12
  return { label, left, title, top, wide, high, flat, below, height: top + rows.length * high + below + 22 }
}

function paintTitle(pen, plot, at) {
  const { ink } = plot.theme
  at.title.forEach((line, row) => pen.text(line, 0, 10 + row * LINE, { colour: ink, size: TITLE, bold: true }))
  if (plot.say) pen.text(plot.say, 0, 10 + at.title.length * LINE, { colour: ink, size: SMALL + 1, alpha: 0.75 })
}

function paintField(pen, plot, at, row, column) {
  const value = plot.values[row * plot.columns.length + column]
  const [x, y] = [at.left + column * at.wide, at.top + row * at.high]
  const gap = at.wide > 7 && at.high > 7 ? 1 : 0
  if (plot.hidden && plot.hidden[row * plot.columns.length + column]) pen.box(x, y, at.wide - gap, at.high - gap, "#808080", 0.22)
  if (Number.isNaN(value)) return
  const shade = shadeOf(plot, value)
  const colour = colourOf(plot, row, column, value)
  pen.box(x, y, at.wide - gap, at.high - gap, colour, 0.02 + 0.98 * shade)
  const text = plot.texts.length ? plot.texts[row][column] : ""
  if (at.wide < 24 || at.high < 13 || (shade < 0.25 && !plot.numbers && !text)) return
  const light = isDark(plot.theme.page) !== (shade >= 0.72)
  const words = text ? fitted(text, at.wide - 3, 10) : inField(plot, value)
  if (widthOf(words, 10) > at.wide - 1) return
  pen.text(words, x + at.wide / 2, y + at.high / 2 + 0.5, { colour: light ? "#ffffff" : "#1d2433", size: 10, align: "center" })
}

function paintNames(pen, plot, at) {
  const { ink } = plot.theme
  const marked = (list, one) => list.includes(one)
  const each = Math.ceil(13 / at.high), every = Math.ceil((at.flat ? 1 : 14) / at.wide)
  plot.rows.forEach((name, row) => {
    if (row % each) return
    const style = { colour: ink, size: SMALL, align: "right", bold: marked(plot.marked, row), alpha: marked(plot.marked, row) ? 1 : 0.8 }
    pen.text(fitted(name, at.label - 4, SMALL), at.left - 6, at.top + (row + 0.5) * at.high, style)
  })
  const y = at.top + plot.rows.length * at.high
  plot.columns.forEach((name, column) => {
    if (column % every) return
    const x = at.left + (column + 0.5) * at.wide
    const bold = plot.alike && marked(plot.marked, column)
    const style = { colour: ink, size: SMALL, bold, alpha: bold ? 1 : 0.8 }
    if (at.flat) pen.text(name, x, y + 10, { ...style, align: "center" })
    else pen.text(fitted(name, 110, SMALL), x + 3, y + 8, { ...style, align: "right", turn: -60 })
  })
  pen.text(plot.across, at.left + (plot.columns.length * at.wide) / 2, y + at.below + 10, { colour: ink, size: 12, align: "center", alpha: 0.75 })
  pen.text(plot.down, 7, at.top + (plot.rows.length * at.high) / 2, { colour: ink, size: 12, align: "center", turn: -90, alpha: 0.75 })
}

function paintMatrix(pen, plot, width) {
  const at = (plot.at = layout(plot, width))
  paintTitle(pen, plot, at)
  for (let row = 0; row < plot.rows.length; row++) {
    for (let column = 0; column < plot.columns.length; column++) paintField(pen, plot, at, row, column)
  }
  paintNames(pen, plot, at)
  return at.height
}

const onLines = (plot) => plot.mode === "lines"

// The words that read on the left, those that are read on the right; what is pointed at stands out.
function paintLines(pen, plot, width) {
  const title = lined(plot.title, width - 8, TITLE, true)
  const top = title.length * LINE + (plot.say ? LINE : 0) + 26
  const most = Math.max(...plot.rows.concat(plot.columns).map((one) => widthOf(one, 13)), 30)
  const label = Math.min(most + 14, width * 0.34)
  const high = Math.max(15, Math.min(26, 620 / Math.max(plot.rows.length, plot.columns.length)))
  const span = Math.min(width, 2 * label + 420)
  const at = (plot.at = { title, top, label, high, left: label, right: span - label, lines: true })
  paintTitle(pen, plot, at)
  const { ink } = plot.theme
  const fits = widthOf(plot.down) < at.left - 6
  pen.text(plot.down, fits ? at.left - 6 : 0, top - 12, { colour: ink, size: 12, align: fits ? "right" : "left", alpha: 0.75 })
  const room = widthOf(plot.across) < width - at.right - 6
  pen.text(plot.across, room ? at.right + 6 : width, top - 12, { colour: ink, size: 12, align: room ? "left" : "right", alpha: 0.75 })
  const height = (row) => top + (row + 0.5) * high
  const [r, c] = plot.pointed || [-1, -1]
  for (let row = 0; row < plot.rows.length; row++) {
    for (let column = 0; column < plot.columns.length; column++) {
      const value = plot.values[row * plot.columns.length + column]
      if (!(Math.abs(value) > 0.02 * plot.most)) continue
      const quiet = plot.pointed && row !== r && column !== c
      const strength = Math.min(Math.abs(value) / plot.most, 1)
      const colour = colourOf(plot, row, column, value)
      pen.bend([at.left, height(row)], [at.right, height(column)], colour, 0.6 + 5 * strength, (quiet ? 0.06 : 1) * (0.12 + 0.78 * strength))
    }
  }
  const style = (bold) => ({ colour: ink, size: 13, bold })
  plot.rows.forEach((name, row) =>
    pen.text(fitted(name, label - 10, 13), at.left - 6, height(row), { ...style(row === r || plot.marked.includes(row)), align: "right" }),
  )
  plot.columns.forEach((name, column) =>
    pen.text(fitted(name, label - 10, 13), at.right + 6, height(column), style(column === c || (plot.alike && plot.marked.includes(column)))),
  )
  return top + Math.max(plot.rows.length, plot.columns.length) * high + 8
}

function paint(pen, plot, width) {
  return onLines(plot) ? paintLines(pen, plot, width) : paintMatrix(pen, plot, width)
}

// On the screen only: the row and the column that are pointed at, and the field that is chosen.
function paintPointed(pen, plot) {
  const { at, theme } = plot
  if (onLines(plot)) return
  const frame = (row, column, colour, thick) => {
    if (row < plot.rows.length && column < plot.columns.length && row >= 0 && column >= 0)
      pen.frame(at.left + column * at.wide - 0.5, at.top + row * at.high - 0.5, at.wide, at.high, colour, thick)
  }
  for (const [row, column] of plot.chosen) frame(row, column, theme.accent, 2.5)
  if (!plot.pointed) return
  const [row, column] = plot.pointed
  pen.box(at.left, at.top + row * at.high, plot.columns.length * at.wide, at.high, theme.ink, 0.07)
  pen.box(at.left + column * at.wide, at.top, at.wide, plot.rows.length * at.high, theme.ink, 0.07)
  frame(row, column, theme.ink, 1.5)
}

function draw(plot) {
  const width = plot.canvas.parentElement.clientWidth
  if (!width) return
  const height = paint(BLIND, plot, width)
  plot.canvas.style.width = `${width}px`
  plot.canvas.style.height = `${height}px`
  const pen = new ScreenPen(plot.canvas, width, height, window.devicePixelRatio || 1)
  paint(pen, plot, width)
  paintPointed(pen, plot)
  say(plot)
}

function say(plot) {
  let words = plot.hint
  if (plot.pointed) {
    const [row, column] = plot.pointed
    const at = row * plot.columns.length + column
    const hidden = plot.hidden && plot.hidden[at]
    const value = hidden && !(plot.values[at] > 0) ? plot.words.hidden : `${plot.unit} ${told(plot, plot.values[at])}`
    const text = plot.texts.length ? plot.texts[row][column] : ""
    const where = filled(plot.joint, { row: plot.rows[row], column: plot.columns[column] })
    words = filled(text ? plot.words.text : plot.words.field, { where, text, value })
  }
  if (plot.says.textContent !== words) plot.says.textContent = words
}

function fieldAt(plot, event) {
  const box = plot.canvas.getBoundingClientRect()
  const [x, y, at] = [event.clientX - box.left, event.clientY - box.top, plot.at]
  if (!at) return null
  const row = Math.floor((y - at.top) / at.high)
  const inside = (value, count) => value >= 0 && value < count
  if (at.lines) {
    if (x < at.left) return inside(row, plot.rows.length) ? [row, strongest(plot, row, 0)] : null
    return x > at.right && inside(row, plot.columns.length) ? [strongest(plot, row, 1), row] : null
  }
  const column = Math.floor((x - at.left) / at.wide)
  return inside(row, plot.rows.length) && inside(column, plot.columns.length) ? [row, column] : null
}

// Beside a word's lines, the strongest is told.
function strongest(plot, one, side) {
  const count = side ? plot.rows.length : plot.columns.length
  const value = (other) => plot.values[side ? other * plot.columns.length + one : one * plot.columns.length + other] || 0
  let best = 0
  for (let other = 1; other < count; other++) if (Math.abs(value(other)) > Math.abs(value(best))) best = other
  return best
}

function point(plot, field, mine = true) {
  if (String(field) === String(plot.pointed)) return
  plot.pointed = field
  draw(plot)
  if (mine) tell(plot.link, plot, field ? field[0] : -1, field ? field[1] : -1)
}

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

function listen(plot) {
  const { canvas } = plot
  canvas.onpointermove = (event) => point(plot, fieldAt(plot, event))
  canvas.onpointerleave = () => point(plot, null)
  const choose = (field) => field && plot.report && plot.report(field)
  canvas.onclick = (event) => choose(fieldAt(plot, event))
  canvas.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      return choose(plot.pointed)
    }
    const move = MOVES[event.key]
    if (!move) return
    event.preventDefault()
    const limit = (value, count) => Math.min(Math.max(value, 0), count - 1)
    const [row, column] = plot.pointed || [0, 0]
    point(plot, [limit(row + move[0], plot.rows.length), limit(column + move[1], plot.columns.length)])
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const canvas = parentElement.querySelector("canvas")
  let plot = pictures.get(canvas)
  if (!plot) {
    plot = { canvas, says: parentElement.querySelector(".says"), pointed: null }
    pictures.set(canvas, plot)
    plot.watch = new ResizeObserver(() => draw(plot))
    listen(plot)
  }
  plot.watch.observe(canvas.parentElement)
  Object.assign(plot, { hidden: null }, unpack(data))
  plot.theme = themed(canvas)
  const [rows, columns] = [plot.rows.length, plot.columns.length]
  if (plot.pointed && (plot.pointed[0] >= rows || plot.pointed[1] >= columns)) plot.pointed = null
  plot.report = plot.clicks && ((field) => canvas.isConnected && setTriggerValue("picked", field))
  canvas.style.cursor = plot.clicks ? "pointer" : "default"
  canvas.setAttribute("aria-label", plot.alt)
  savedBy(parentElement, plot.words, (kind) =>
    save((pen, width) => paint(pen, { ...plot, pointed: null }, width), Math.max(canvas.clientWidth, 480), plot.theme, plot.name, kind),
  )
  plot.deaf?.()
  plot.deaf = hear(plot.link, plot, (row, column) => point(plot, row < 0 || row >= rows || column >= columns ? null : [row, column], false))
  draw(plot)
  return () => {
    plot.watch.disconnect()
    plot.deaf()
  }
}

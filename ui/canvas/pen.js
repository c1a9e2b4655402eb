// Two pens with the same strokes: one draws on the screen, the other writes SVG. A picture that is painted once can so be
// seen, saved as PNG and saved as SVG. Every picture with tokens tells its neighbours which of them are pointed at.

const FONT = '"Source Sans", "Source Sans Pro", system-ui, sans-serif'

class ScreenPen {
  constructor(canvas, width, height, scale) {
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    this.pen = canvas.getContext("2d")
    this.pen.scale(scale, scale)
  }
  fill(width, height, colour) {
    this.box(0, 0, width, height, colour, 1)
  }
  box(x, y, width, height, colour, alpha = 1) {
    this.pen.globalAlpha = alpha
    this.pen.fillStyle = colour
    this.pen.fillRect(x, y, width, height)
  }
  frame(x, y, width, height, colour, thick = 1) {
    this.pen.globalAlpha = 1
    this.pen.strokeStyle = colour
    this.pen.lineWidth = thick
    this.pen.strokeRect(x, y, width, height)
  }
  line(points, colour, thick = 1, alpha = 1, dashes = []) {
    this.pen.globalAlpha = alpha
    this.pen.strokeStyle = colour
    this.pen.lineWidth = thick
    this.pen.setLineDash(dashes)
    this.pen.beginPath()
    points.forEach(([x, y], at) => (at ? this.pen.lineTo(x, y) : this.pen.moveTo(x, y)))
    this.pen.stroke()
    this.pen.setLineDash([])
  }
  bend([x, y], [toX, toY], colour, thick = 1, alpha = 1) {
    const half = (x + toX) / 2
    this.pen.globalAlpha = alpha
    this.pen.strokeStyle = colour
    this.pen.lineWidth = thick
    this.pen.beginPath()
    this.pen.moveTo(x, y)
    this.pen.bezierCurveTo(half, y, half, toY, toX, toY)
    this.pen.stroke()
  }
  dot(x, y, radius, colour, alpha = 1, edge = "") {
    this.pen.globalAlpha = alpha
    this.pen.beginPath()
    this.pen.arc(x, y, radius, 0, 7)
    this.pen.fillStyle = colour
    this.pen.fill()
    if (!edge) return
    this.pen.strokeStyle = edge
    this.pen.lineWidth = 1
    this.pen.stroke()
  }
  text(words, x, y, { colour, size = 12, align = "left", turn = 0, bold = false, alpha = 1 } = {}) {
    this.pen.save()
    this.pen.globalAlpha = alpha
    this.pen.font = `${bold ? "600 " : ""}${size}px ${FONT}`
    this.pen.fillStyle = colour
    this.pen.textAlign = align
    this.pen.textBaseline = "middle"
    this.pen.translate(x, y)
    if (turn) this.pen.rotate((turn * Math.PI) / 180)
    this.pen.fillText(words, 0, 0)
    this.pen.restore()
  }
}

const escaped = (words) => String(words).replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`)
const short = (number) => Math.round(number * 100) / 100
const ANCHOR = { left: "start", center: "middle", right: "end" }

class SvgPen {
  constructor(width, height) {
    this.width = width
    this.height = height
    this.parts = []
  }
  fill(width, height, colour) {
    this.box(0, 0, width, height, colour)
  }
  box(x, y, width, height, colour, alpha = 1) {
    const [a, b, c, d] = [x, y, width, height].map(short)
    this.parts.push(`<rect x="${a}" y="${b}" width="${c}" height="${d}" fill="${colour}" fill-opacity="${short(alpha)}"/>`)
  }
  frame(x, y, width, height, colour, thick = 1) {
    const [a, b, c, d] = [x, y, width, height].map(short)
    const stroke = `stroke="${colour}" stroke-width="${thick}"`
    this.parts.push(`<rect x="${a}" y="${b}" width="${c}" height="${d}" fill="none" ${stroke}/>`)
  }
  stroke(path, colour, thick, alpha, dashes = []) {
    const broken = dashes.length ? ` stroke-dasharray="${dashes.join(" ")}"` : ""
    const stroke = `stroke="${colour}" stroke-width="${short(thick)}" stroke-opacity="${short(alpha)}"${broken}`
    this.parts.push(`<path d="${path}" fill="none" ${stroke}/>`)
  }
  line(points, colour, thick = 1, alpha = 1, dashes = []) {
    this.stroke(`M${points.map((one) => one.map(short).join(" ")).join("L")}`, colour, thick, alpha, dashes)
  }
  bend([x, y], [toX, toY], colour, thick = 1, alpha = 1) {
    const half = short((x + toX) / 2)
    this.stroke(`M${short(x)} ${short(y)}C${half} ${short(y)} ${half} ${short(toY)} ${short(toX)} ${short(toY)}`, colour, thick, alpha)
  }
  dot(x, y, radius, colour, alpha = 1, edge = "") {
    const stroke = edge ? ` stroke="${edge}"` : ""
    this.parts.push(`<circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}" fill="${colour}" fill-opacity="${short(alpha)}"${stroke}/>`)
  }
  text(words, x, y, { colour, size = 12, align = "left", turn = 0, bold = false, alpha = 1 } = {}) {
    const place = `x="${short(x)}" y="${short(y)}" text-anchor="${ANCHOR[align]}" dominant-baseline="central"`
    const looks = `fill="${colour}" fill-opacity="${alpha}" font-size="${size}"${bold ? ' font-weight="600"' : ""}`
    const turned = turn ? ` transform="rotate(${turn} ${short(x)} ${short(y)})"` : ""
    this.parts.push(`<text ${place} ${looks}${turned}>${escaped(words)}</text>`)
  }
  toString() {
    const size = `width="${short(this.width)}" height="${short(this.height)}" viewBox="0 0 ${short(this.width)} ${short(this.height)}"`
    const font = escaped(FONT)
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${font}">${this.parts.join("")}</svg>`
  }
}

// For measuring how high a picture gets: nothing is drawn.
const BLIND = new Proxy({}, { get: () => () => {} })

function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const about = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const rest = bytes.slice(4 + length) // its own buffer: floats must begin at a multiple of four
  const arrays = {}
  let at = 0
  for (const [name, kind, count] of about.arrays) {
    const Kind = { f: Float32Array, u: Uint8Array, i: Int32Array }[kind]
    arrays[name] = new Kind(rest.buffer, at, count)
    at += Math.ceil((count * Kind.BYTES_PER_ELEMENT) / 4) * 4
  }
  return { ...about, ...arrays }
}

// The page's own colours; blue and red are left and right context, in the hue that the theme has for them.
function themed(node) {
  const style = getComputedStyle(node)
  const of = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise
  return {
    ink: of("--st-text-color", "#1d2433"),
    page: of("--st-background-color", "#ffffff"),
    soft: of("--st-border-color", "#d9dde5"),
    past: of("--st-blue-color", "#0072b2"),
    future: of("--st-red-color", "#d55e00"),
    self: "#9a9a9a",
    accent: of("--st-primary-color", "#5847a5"),
    violet: of("--st-violet-color", "#5847a5"),
    cue: "#e69f00",
  }
}

function isDark(colour) {
  const [r, g, b] = (colour.match(/[0-9a-f]{2}/gi) || ["ff", "ff", "ff"]).map((one) => parseInt(one, 16))
  return 0.3 * r + 0.6 * g + 0.1 * b < 128
}

const ruler = document.createElement("canvas").getContext("2d")
function widthOf(words, size = 12, bold = false) {
  ruler.font = `${bold ? "600 " : ""}${size}px ${FONT}`
  return ruler.measureText(words).width
}

function fitted(words, width, size = 12) {
  if (widthOf(words, size) <= width) return words
  let kept = words
  while (kept.length > 1 && widthOf(`${kept}…`, size) > width) kept = kept.slice(0, -1)
  return `${kept}…`
}

// Pieces that a line may end behind: words with the blank before them, and single Chinese signs with their punctuation.
const WIDE = "\\u2e80-\\u9fff\\uff00-\\uffef", CLOSING = "，。：；！？、）”"
const PIECE = new RegExp(`\\s*(?:[（“]*[${WIDE}][${CLOSING}]*|[^\\s${WIDE}]+[${CLOSING}]*)`, "g")

// A title in as many lines as it needs.
function lined(words, width, size, bold = false) {
  const lines = [""]
  for (const piece of words.match(PIECE) || []) {
    const longer = lines.at(-1) + piece
    if (widthOf(longer, size, bold) <= width || !lines.at(-1)) lines[lines.length - 1] = longer.trimStart()
    else lines.push(piece.trimStart())
  }
  return lines
}

// What Python has said in the learner's language, with values in the place of its {names}.
function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap)
}

// The buttons that save a picture, and what they say when they are pointed at.
function savedBy(parent, words, paint) {
  for (const kind of ["png", "svg"]) {
    const button = parent.querySelector(`.${kind}`)
    button.title = words[kind]
    button.onclick = () => paint(kind)
  }
}

function hand(blob, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}

// `paint(pen, width)` gives the height that it took. Saved pictures are on the page's own ground.
function save(paint, width, colours, name, kind) {
  const height = paint(BLIND, width)
  const draw = (pen) => {
    pen.fill(width, height, colours.page)
    paint(pen, width)
    return pen
  }
  if (kind === "svg") return hand(new Blob([String(draw(new SvgPen(width, height)))], { type: "image/svg+xml" }), `${name}.svg`)
  const canvas = document.createElement("canvas")
  draw(new ScreenPen(canvas, width, height, 2))
  canvas.toBlob((blob) => hand(blob, `${name}.png`), "image/png")
}

// Which token is pointed at, told to every other picture on the page that bears the same words.
function tell(link, from, row, column) {
  if (link) window.dispatchEvent(new CustomEvent("bothways-pointed", { detail: { link, from, row, column } }))
}

function hear(link, me, answer) {
  if (!link) return () => {}
  const heard = ({ detail }) => detail.link === link && detail.from !== me && answer(detail.row, detail.column)
  window.addEventListener("bothways-pointed", heard)
  return () => window.removeEventListener("bothways-pointed", heard)
}

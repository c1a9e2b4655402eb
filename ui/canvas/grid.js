// Every attention head as one small square: a row per layer, a column per head. Rows of a square are the words that
// read, its columns the words that are read; blue is left context, orange right context, grey the word itself.

const LEFT = 34, TOP = 22, GAP = 4, LARGEST = 132, SMALLEST = 14
const REPORT_AFTER = 180 // ms without a further arrow key before Python hears of the choice
const grids = new WeakMap()

function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const about = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  return { ...about, shades: bytes.subarray(4 + length) }
}

function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
}

// The theme's own blue and red are these hues, lighter on a dark page.
function themed(grid) {
  const style = getComputedStyle(grid.canvas)
  const or = (name, colour) => {
    const found = style.getPropertyValue(name).trim()
    return /^#[0-9a-f]{6}$/i.test(found) ? found : colour
  }
  const { past, self, future } = grid.colours
  return { past: or("--st-blue-color", past), self, future: or("--st-red-color", future) }
}

// One head as an image of S × T pixels: the side gives the colour, the weight its opacity.
function picture(grid, layer, head) {
  const [, heads, rows, columns] = grid.shape
  const image = new ImageData(columns, rows)
  const offset = (layer * heads + head) * rows * columns
  const { past, self, future } = grid.colours
  const sides = [channels(past), channels(self), channels(future)]
  for (let t = 0; t < rows; t++) {
    for (let s = 0; s < columns; s++) {
      const at = t * columns + s
      image.data.set([...sides[1 + Math.sign(s - t)], grid.shades[offset + at]], 4 * at)
    }
  }
  const tile = document.createElement("canvas")
  tile.width = columns
  tile.height = rows
  tile.getContext("2d").putImageData(image, 0, 0)
  return tile
}

function place(grid, width) {
  const [layers, heads, rows, columns] = grid.shape
  const fits = Math.floor((width - LEFT) / heads) - GAP
  const wide = Math.max(SMALLEST, Math.min(LARGEST, fits))
  const high = Math.max(SMALLEST, Math.round((wide * rows) / columns))
  return { wide, high, height: TOP + layers * (high + GAP) + GAP }
}

function corner(size, layer, head) {
  return [LEFT + head * (size.wide + GAP), TOP + layer * (size.high + GAP)]
}

function draw(grid) {
  const { canvas } = grid
  const width = canvas.clientWidth
  if (!width) return
  const size = (grid.size = place(grid, width))
  const scale = window.devicePixelRatio || 1
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(size.height * scale)
  canvas.style.height = `${size.height}px`
  const pen = canvas.getContext("2d")
  pen.scale(scale, scale)
  pen.imageSmoothingEnabled = size.wide * scale < grid.shape[3] // sharp cells when enlarged, averages when shrunk
  const style = getComputedStyle(canvas)
  grid.ink = style.color
  grid.accent = style.getPropertyValue("--st-primary-color").trim() || grid.ink
  pen.fillStyle = grid.ink
  pen.font = `12px ${style.fontFamily}`
  drawNames(grid, pen)
  const [layers, heads] = grid.shape
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) drawHead(grid, pen, layer, head)
  }
}

function drawNames(grid, pen) {
  const [layers, heads] = grid.shape
  pen.textBaseline = "middle"
  pen.textAlign = "center"
  for (let head = 0; head < heads; head++) {
    const [x] = corner(grid.size, 0, head)
    const long = grid.size.wide > 52
    pen.fillText(long ? grid.heads[head] : `${head + 1}`, x + grid.size.wide / 2, TOP / 2)
  }
  pen.textAlign = "left"
  for (let layer = 0; layer < layers; layer++) {
    const [, y] = corner(grid.size, layer, 0)
    pen.fillText(grid.layers[layer], 2, y + grid.size.high / 2)
  }
}

function drawHead(grid, pen, layer, head) {
  const [x, y] = corner(grid.size, layer, head)
  const { wide, high } = grid.size
  pen.drawImage(grid.tiles[layer][head], x, y, wide, high)
  const same = (one) => one && one[0] === layer && one[1] === head
  const chosen = same(grid.picked)
  pen.globalAlpha = chosen ? 1 : same(grid.pointed) ? 0.9 : 0.25
  pen.strokeStyle = chosen ? grid.accent : grid.ink
  pen.lineWidth = chosen ? 3 : 1
  pen.strokeRect(x - 0.5, y - 0.5, wide + 1, high + 1)
  pen.globalAlpha = 1
}

function headAt(grid, event) {
  const box = grid.canvas.getBoundingClientRect()
  const [layers, heads] = grid.shape
  const head = Math.floor((event.clientX - box.left - LEFT) / (grid.size.wide + GAP))
  const layer = Math.floor((event.clientY - box.top - TOP) / (grid.size.high + GAP))
  return layer >= 0 && layer < layers && head >= 0 && head < heads ? [layer, head] : null
}

function say(grid) {
  const [layer, head] = grid.pointed || grid.picked
  const words = grid.captions[layer][head]
  if (grid.says.textContent !== words) grid.says.textContent = words
}

function pick(grid, choice, wait) {
  grid.picked = choice
  draw(grid)
  say(grid)
  clearTimeout(grid.timer)
  grid.timer = setTimeout(() => grid.report(choice), wait)
}

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

function listen(grid) {
  const { canvas } = grid
  const point = (choice) => {
    if (String(choice) === String(grid.pointed)) return
    grid.pointed = choice
    draw(grid)
    say(grid)
  }
  canvas.onpointermove = (event) => point(headAt(grid, event))
  canvas.onpointerleave = () => point(null)
  canvas.onclick = (event) => {
    const choice = headAt(grid, event)
    if (choice) pick(grid, choice, 0)
  }
  canvas.onkeydown = (event) => {
    const move = MOVES[event.key]
    if (!move) return
    event.preventDefault()
    grid.pointed = null
    const [layers, heads] = grid.shape
    const limit = (value, count) => Math.min(Math.max(value, 0), count - 1)
    pick(grid, [limit(grid.picked[0] + move[0], layers), limit(grid.picked[1] + move[1], heads)], REPORT_AFTER)
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const canvas = parentElement.querySelector("canvas")
  let grid = grids.get(canvas)
  if (!grid) {
    grid = { canvas, says: parentElement.querySelector(".says"), pointed: null, picked: null }
    grids.set(canvas, grid)
    grid.watch = new ResizeObserver(() => draw(grid))
    listen(grid)
  }
  grid.watch.observe(canvas.parentElement)
  Object.assign(grid, unpack(data))
  grid.colours = themed(grid)
  const [layers, heads] = grid.shape
  const [layer, head] = grid.picked || grid.start
  grid.picked = [Math.min(layer, layers - 1), Math.min(head, heads - 1)]
  grid.report = (choice) => canvas.isConnected && setStateValue("picked", choice)
  grid.tiles = grid.layers.map((_, row) => Array.from({ length: heads }, (_, column) => picture(grid, row, column)))
  canvas.setAttribute("aria-label", grid.label)
  canvas.parentElement.setAttribute("aria-label", grid.group)
  draw(grid)
  say(grid)
  return () => grid.watch.disconnect() // a choice that Python hasn't heard of yet outlives a redraw
}

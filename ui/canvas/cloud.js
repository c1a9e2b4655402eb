// Hidden states as points. The layer is chosen here, so that going through layers needs no server; when a picture of
// another layer or of another moment of training comes, every point glides to its new place. In 3-D, dragging turns it.

const HIGH = 430, GLIDE = 260, ROUND = { tilt: 0.45, turn: 0.6 }
const clouds = new WeakMap()

function places(cloud) {
  const { count, words, size, layer } = cloud
  const part = (all, n) => all.subarray(layer * n * size, (layer + 1) * n * size)
  return Float32Array.from([...part(cloud.points, count), ...part(cloud.own, words)])
}

function flat(cloud, at) {
  const { size, turn, tilt } = cloud
  const [x, y, z] = [cloud.now[at * size], cloud.now[at * size + 1], size > 2 ? cloud.now[at * size + 2] : 0]
  if (size < 3) return [x, y, 0]
  const [a, b] = [Math.cos(turn), Math.sin(turn)]
  const [across, deep] = [a * x + b * z, a * z - b * x]
  return [across, Math.cos(tilt) * y - Math.sin(tilt) * deep, Math.cos(tilt) * deep + Math.sin(tilt) * y]
}

// How far this layer's points reach.
function reach(all) {
  return all.reduce((most, one) => Math.max(most, Math.abs(one)), 0.5) * 1.08
}

const SHAPES = {
  square: (pen, x, y, r, colour, alpha) => pen.box(x - r, y - r, 2 * r, 2 * r, colour, alpha),
  cross: (pen, x, y, r, colour, alpha) => {
    pen.line([[x - r, y - r], [x + r, y + r]], colour, 2, alpha)
    pen.line([[x - r, y + r], [x + r, y - r]], colour, 2, alpha)
  },
  ring: (pen, x, y, r, colour) => pen.dot(x, y, r, "#00000000", 1, colour),
  diamond: (pen, x, y, r, colour, alpha) => pen.line([[x, y - r], [x + r, y], [x, y + r], [x - r, y], [x, y - r], [x + r, y]], colour, 2.2, alpha),
  triangle: (pen, x, y, r, colour, alpha) => pen.line([[x, y - r], [x + r, y + r], [x - r, y + r], [x, y - r], [x + r, y + r]], colour, 2.2, alpha),
  dot: (pen, x, y, r, colour, alpha) => pen.dot(x, y, r, colour, alpha, ""),
}
const shape = (sign) => SHAPES[sign] || SHAPES.dot

function paintAxes(pen, cloud, at) {
  const { soft, ink } = cloud.theme
  if (cloud.size > 2) {
    const { first, second, third } = cloud.said
    ;[first, second, third].forEach((name, axis) => {
      const tip = [0, 0, 0]
      tip[axis] = at.most * 0.9
      const kept = cloud.now
      cloud.now = Float32Array.from(tip)
      const [x, y] = at.place(flat(cloud, 0))
      cloud.now = kept
      pen.line([[at.x, at.y], [x, y]], soft, 1.5)
      pen.text(name, x, y, { colour: ink, size: 11, align: "center", alpha: 0.6 })
    })
    return
  }
  pen.line([[at.left, at.y], [at.right, at.y]], soft, 1)
  pen.line([[at.x, at.top], [at.x, at.bottom]], soft, 1)
  const style = { colour: ink, size: 11, alpha: 0.7 }
  pen.text(cloud.said.across, at.right, at.bottom + 9, { ...style, align: "right" })
  pen.text(cloud.said.up, 8, (at.top + at.bottom) / 2, { ...style, turn: -90, align: "center" })
}

function paintLegend(pen, cloud, width, top) {
  let [x, y] = [2, top]
  for (const [name, colour, sign] of [...cloud.groups, [cloud.said.here, cloud.theme.ink, "cross"]]) {
    const long = widthOf(name, 12) + 30
    if (x + long > width && x > 2) [x, y] = [2, y + 18]
    shape(sign)(pen, x + 6, y, 4, (sign !== "cross" && cloud.tints[cloud.layer]) || colour, 1)
    pen.text(name, x + 16, y, { colour: cloud.theme.ink, size: 12 })
    x += long
  }
  return y + 14
}

function paint(pen, cloud, width) {
  const title = lined(cloud.titles[cloud.layer], width, 15, true)
  title.forEach((line, row) => pen.text(line, 0, 10 + row * 19, { colour: cloud.theme.ink, size: 15, bold: true }))
  const at = (cloud.at = { top: title.length * 19 + 6, left: 18, right: width - 4 })
  at.bottom = at.top + Math.min(HIGH, width)
  const scale = Math.min((at.right - at.left) / 2, (at.bottom - at.top) / 2) / cloud.most
  Object.assign(at, { x: (at.left + at.right) / 2, y: (at.top + at.bottom) / 2, most: cloud.most })
  const wide = (at.right - at.left) / 2 / cloud.most
  const stretch = cloud.size > 2 ? scale : Math.min(wide, scale * 1.6)
  at.place = ([x, y]) => [at.x + x * stretch, at.y - y * scale]
  paintAxes(pen, cloud, at)
  at.dots = []
  for (let point = 0; point < cloud.count; point++) {
    const where = flat(cloud, point)
    at.dots.push([...at.place(where), where[2]])
  }
  const order = at.dots.map((_, one) => one)
  if (cloud.size > 2) order.sort((a, b) => at.dots[a][2] - at.dots[b][2])
  for (const point of order) {
    const [x, y, deep] = at.dots[point]
    const near = cloud.size > 2 ? 1 + 0.25 * (deep / cloud.most) : 1
    const [, own, sign] = cloud.groups[cloud.group[point]]
    shape(sign)(pen, x, y, 3.6 * near, cloud.tints[cloud.layer] || own, 0.7)
  }
  paintWords(pen, cloud, at)
  return paintLegend(pen, cloud, width, at.bottom + 28)
}

function paintWords(pen, cloud, at) {
  const named = new Set([...cloud.asked, ...cloud.cues])
  cloud.tokens.forEach((word, place) => {
    const [x, y] = at.place(flat(cloud, cloud.count + place))
    at.dots.push([x, y, 0])
    const asked = cloud.asked.includes(place)
    const colour = cloud.cues.includes(place) ? cloud.theme.cue : cloud.theme.ink
    SHAPES.cross(pen, x, y, asked ? 6 : 3.5, colour, 1)
    if (named.has(place) || (!named.size && place < 20)) pen.text(word, x, y - 13, { colour: cloud.theme.ink, size: 13, align: "center", bold: true })
  })
}

function draw(cloud) {
  const width = cloud.canvas.parentElement.clientWidth
  if (!width || !cloud.now) return
  const height = paint(BLIND, cloud, width)
  cloud.canvas.style.width = `${width}px`
  cloud.canvas.style.height = `${height}px`
  const pen = new ScreenPen(cloud.canvas, width, height, window.devicePixelRatio || 1)
  paint(pen, cloud, width)
  if (cloud.pointed !== null && cloud.at.dots[cloud.pointed]) {
    const [x, y] = cloud.at.dots[cloud.pointed]
    pen.dot(x, y, 7, "#00000000", 1, cloud.theme.ink)
  }
  say(cloud)
}

function say(cloud) {
  const { pointed, count } = cloud
  const words = pointed === null ? cloud.hint : pointed < count ? `${cloud.told[pointed]} · ${cloud.groups[cloud.group[pointed]][0]}` : filled(cloud.said.word, { word: cloud.tokens[pointed - count] })
  if (cloud.says.textContent !== words) cloud.says.textContent = words
}

// Every point on its way to where it belongs now.
function glide(cloud) {
  const to = places(cloud), from = cloud.now, most = reach(to), before = cloud.most
  cancelAnimationFrame(cloud.frame)
  const still = !from || from.length !== to.length || matchMedia("(prefers-reduced-motion: reduce)").matches
  if (still) {
    Object.assign(cloud, { now: to, most })
    return draw(cloud)
  }
  const begun = performance.now()
  const move = (time) => {
    const part = Math.min((time - begun) / GLIDE, 1), eased = part * (2 - part)
    cloud.now = from.map((one, at) => one + (to[at] - one) * eased)
    cloud.most = before + (most - before) * eased
    draw(cloud)
    if (part < 1) cloud.frame = requestAnimationFrame(move)
  }
  cloud.frame = requestAnimationFrame(move)
}

function toLayer(cloud, layer) {
  cloud.layer = Math.min(Math.max(layer, 0), cloud.layers.length - 1)
  cloud.slider.value = cloud.layer
  cloud.named.textContent = cloud.layers[cloud.layer]
  glide(cloud)
}

function play(cloud) {
  clearInterval(cloud.timer)
  if (cloud.timer) return stop(cloud)
  cloud.play.textContent = "❚❚"
  if (cloud.layer === cloud.layers.length - 1) toLayer(cloud, 0)
  cloud.timer = setInterval(() => {
    if (cloud.layer < cloud.layers.length - 1 && cloud.canvas.isConnected) toLayer(cloud, cloud.layer + 1)
    else stop(cloud)
  }, 900)
}

function stop(cloud) {
  clearInterval(cloud.timer)
  cloud.timer = 0
  cloud.play.textContent = "▶"
}

function dotAt(cloud, event) {
  const box = cloud.canvas.getBoundingClientRect()
  const [x, y] = [event.clientX - box.left, event.clientY - box.top]
  let [best, nearest] = [null, 144]
  cloud.at?.dots.forEach(([a, b], point) => {
    const far = (a - x) ** 2 + (b - y) ** 2
    if (far < nearest) [best, nearest] = [point, far]
  })
  return best
}

function listen(cloud) {
  const { canvas } = cloud
  canvas.onpointerdown = (event) => {
    if (cloud.size < 3) return
    canvas.setPointerCapture(event.pointerId)
    cloud.held = [event.clientX, event.clientY]
  }
  canvas.onpointerup = canvas.onpointercancel = () => (cloud.held = null)
  canvas.onpointermove = (event) => {
    if (cloud.held) {
      cloud.turn += (event.clientX - cloud.held[0]) / 120
      cloud.tilt = Math.min(Math.max(cloud.tilt + (event.clientY - cloud.held[1]) / 120, -1.5), 1.5)
      cloud.held = [event.clientX, event.clientY]
      return draw(cloud)
    }
    const pointed = dotAt(cloud, event)
    if (pointed === cloud.pointed) return
    cloud.pointed = pointed
    draw(cloud)
  }
  canvas.onpointerleave = () => {
    cloud.pointed = null
    draw(cloud)
  }
  canvas.onkeydown = (event) => {
    const by = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] }[event.key]
    if (!by || cloud.size < 3) return
    event.preventDefault()
    cloud.turn += by[0]
    cloud.tilt += by[1]
    draw(cloud)
  }
  cloud.slider.oninput = () => {
    stop(cloud)
    toLayer(cloud, Number(cloud.slider.value))
  }
  cloud.play.onclick = () => play(cloud)
}

export default function ({ data, parentElement }) {
  const canvas = parentElement.querySelector("canvas")
  let cloud = clouds.get(canvas)
  if (!cloud) {
    const [slider, named, button, says] = ["input", ".named", ".play", ".says"].map((one) => parentElement.querySelector(one))
    cloud = { canvas, slider, named, play: button, says, pointed: null, timer: 0, now: null, ...ROUND }
    clouds.set(canvas, cloud)
    cloud.watch = new ResizeObserver(() => draw(cloud))
    listen(cloud)
  }
  const before = cloud.files?.join()
  Object.assign(cloud, unpack(data))
  if (before !== cloud.files.join()) cloud.layer = cloud.layers.length - 1
  cloud.theme = themed(canvas)
  cloud.slider.max = cloud.layers.length - 1
  canvas.setAttribute("aria-label", cloud.alt)
  cloud.play.title = cloud.said.play
  cloud.play.setAttribute("aria-label", cloud.said.play)
  cloud.slider.setAttribute("aria-label", cloud.said.layer)
  savedBy(parentElement, cloud.said, (kind) =>
    save((pen, width) => paint(pen, cloud, width), Math.max(canvas.clientWidth, 480), cloud.theme, `${cloud.name}-${cloud.files[cloud.layer]}`, kind),
  )
  toLayer(cloud, cloud.layer)
  cloud.watch.observe(canvas.parentElement)
  return () => {
    cloud.watch.disconnect()
    stop(cloud)
  }
}

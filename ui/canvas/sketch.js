const LINES = 4; // horizontal grid lines
const STEPS = 50; // of a key from bottom to top
const PATIENCE = 350; // milliseconds without a change before the page is told

function make(kind, name, parent) {
  const node = document.createElement(kind);
  if (name) node.className = name;
  parent.append(node);
  return node;
}

function shape(kind, name, parent) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", kind);
  node.setAttribute("class", name);
  parent.append(node);
  return node;
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const plot = parentElement.querySelector(".plot");
  const below = parentElement.querySelector(".below");
  const signature = JSON.stringify([data.moments, data.high, data.unit, data.step, data.value]);
  if (plot.dataset.signature === signature) return; // drawn already: what was dragged stays
  plot.dataset.signature = signature;
  plot.replaceChildren();
  below.replaceChildren();

  const values = [...data.start];
  const first = data.moments[0];
  const last = data.moments[data.moments.length - 1];
  const across = (moment) => (100 * (moment - first)) / (last - first);
  const up = (value) => 100 - (100 * value) / data.high;
  const said = (value) => (data.unit === "percent" ? `${Math.round(100 * value)} %` : value.toFixed(1));
  let timer = 0;

  const svg = shape("svg", "", plot);
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (let i = 0; i <= LINES; i += 1) {
    const value = (data.high * i) / LINES;
    const line = shape("line", "grid", svg);
    for (const [name, at] of [["x1", 0], ["x2", 100], ["y1", up(value)], ["y2", up(value)]]) line.setAttribute(name, at);
    const tick = make("span", "tick", plot);
    tick.style.top = `${up(value)}%`;
    tick.textContent = said(value);
  }
  const curve = shape("polyline", "line", svg);
  curve.style.stroke = data.colour;
  make("span", "name", below).textContent = data.step;

  const handles = data.moments.map((moment, i) => {
    const handle = make("div", "handle", plot);
    handle.style.left = `${across(moment)}%`;
    handle.style.background = data.colour;
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-orientation", "vertical");
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", String(data.high));
    handle.setAttribute("aria-label", `${data.value}, ${data.step} ${moment}`);
    make("span", "says", handle);
    const label = make("span", "", below);
    label.style.left = `${across(moment)}%`;
    label.textContent = String(moment);
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 }[event.key];
      if (by === undefined && event.key !== "Home" && event.key !== "End") return;
      event.preventDefault();
      const target = event.key === "Home" ? 0 : event.key === "End" ? data.high : values[i] + (by * data.high) / STEPS;
      move(i, target);
    });
    return handle;
  });

  function draw() {
    curve.setAttribute("points", data.moments.map((moment, i) => `${across(moment)},${up(values[i])}`).join(" "));
    handles.forEach((handle, i) => {
      handle.style.top = `${up(values[i])}%`;
      handle.setAttribute("aria-valuenow", values[i].toFixed(3));
      handle.setAttribute("aria-valuetext", said(values[i]));
      handle.firstChild.textContent = said(values[i]);
    });
  }

  function move(i, value) {
    values[i] = Math.min(Math.max(value, 0), data.high);
    draw();
    clearTimeout(timer);
    timer = setTimeout(() => setStateValue("drawn", [...values]), PATIENCE);
  }

  function follow(event) {
    const box = plot.getBoundingClientRect();
    const x = (100 * (event.clientX - box.left)) / box.width;
    const gaps = data.moments.map((moment) => Math.abs(across(moment) - x));
    const i = gaps.indexOf(Math.min(...gaps));
    move(i, data.high * (1 - (event.clientY - box.top) / box.height));
    return i;
  }

  plot.onpointerdown = (event) => {
    plot.setPointerCapture(event.pointerId);
    event.preventDefault();
    handles[follow(event)].focus();
  };
  plot.onpointermove = (event) => {
    if (plot.hasPointerCapture(event.pointerId)) follow(event);
  };
  draw();
}

const PATIENCE = 350; // milliseconds without a change before the page is told

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".paint");
  const signature = JSON.stringify([data.tokens, data.row, data.column]);
  if (root.dataset.signature === signature) return; // drawn already: what was painted stays
  root.dataset.signature = signature;

  const cells = data.start.map((row) => [...row]);
  const size = data.tokens.length;
  const buttons = [];
  let timer = 0;
  let brush = null; // true paints, false wipes, null: no pointer is down

  function part(kind, text, name) {
    const node = document.createElement(kind);
    if (name) node.className = name;
    if (text) node.textContent = text;
    return node;
  }

  function show(t, s) {
    const button = buttons[t][s];
    const side = s < t ? 0 : s === t ? 1 : 2;
    button.style.background = cells[t][s] ? data.colours[side] : "transparent";
    button.setAttribute("aria-pressed", String(cells[t][s]));
    const says = cells[t][s] ? data.filled : data.empty;
    button.setAttribute("aria-label", `${data.tokens[t]} (${t + 1}) ${says} ${data.tokens[s]} (${s + 1})`);
  }

  function set(t, s, value) {
    if (cells[t][s] === value) return;
    cells[t][s] = value;
    show(t, s);
    clearTimeout(timer);
    timer = setTimeout(() => setStateValue("cells", cells.map((row) => [...row])), PATIENCE);
  }

  const table = part("table");
  table.setAttribute("role", "group");
  const head = table.createTHead().insertRow();
  head.append(part("th", data.row, "side"));
  for (const token of data.tokens) {
    const cell = part("th");
    cell.scope = "col";
    cell.append(part("span", token));
    head.append(cell);
  }
  const body = table.createTBody();
  for (let t = 0; t < size; t += 1) {
    const row = body.insertRow();
    const name = part("th", data.tokens[t]);
    name.scope = "row";
    row.append(name);
    buttons.push([]);
    for (let s = 0; s < size; s += 1) {
      const button = part("button");
      button.type = "button";
      button.tabIndex = t === 0 && s === 0 ? 0 : -1; // one stop of the Tab key, then arrows
      button.dataset.t = String(t);
      button.dataset.s = String(s);
      buttons[t].push(button);
      row.insertCell().append(button);
      show(t, s);
    }
  }
  root.replaceChildren(part("div", data.column, "side"), table);

  function under(event) {
    const target = event.composedPath().find((node) => node.dataset && node.dataset.t !== undefined);
    if (target) return target;
    const found = root.getRootNode().elementFromPoint(event.clientX, event.clientY);
    return found && found.dataset.t !== undefined ? found : null;
  }

  table.onpointerdown = (event) => {
    const button = under(event);
    if (!button) return;
    event.preventDefault();
    button.releasePointerCapture?.(event.pointerId);
    button.focus();
    brush = button.getAttribute("aria-pressed") !== "true";
    set(Number(button.dataset.t), Number(button.dataset.s), brush);
  };
  table.onpointermove = (event) => {
    if (brush === null || event.buttons === 0) return;
    const button = root.getRootNode().elementFromPoint(event.clientX, event.clientY);
    if (button && button.dataset && button.dataset.t !== undefined) set(Number(button.dataset.t), Number(button.dataset.s), brush);
  };
  table.onpointerup = table.onpointercancel = () => {
    brush = null;
  };
  table.onkeydown = (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    const t = Number(button.dataset.t);
    const s = Number(button.dataset.s);
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (by) {
      event.preventDefault();
      const next = buttons[Math.min(Math.max(t + by[0], 0), size - 1)][Math.min(Math.max(s + by[1], 0), size - 1)];
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      set(t, s, button.getAttribute("aria-pressed") !== "true");
    }
  };
}

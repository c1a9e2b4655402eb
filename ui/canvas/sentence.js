let meaning = {}; // what each mark means, in the learner's words

function part(kind, text) {
  const node = document.createElement("span");
  node.className = kind;
  node.textContent = text;
  return node;
}

function drawWord(word) {
  const node = part(word.mark ? `word ${word.mark}` : "word", "");
  node.append(part("box", word.text));
  if (word.note) node.append(part("note", word.note));
  if (word.mark) {
    const said = word.mark === "hidden" ? meaning.hidden : `${word.text}, ${meaning[word.mark]}`;
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", word.note ? `${said}, ${word.note}` : said);
    node.title = meaning[word.mark];
  }
  return node;
}

function drawRow(row) {
  const node = document.createElement("div");
  const label = part("label", "");
  if (row.colour) {
    const chip = part("chip", "");
    chip.style.background = row.colour;
    label.append(chip);
  }
  label.append(part("", row.label));
  const words = part(row.flow ? `words flow ${row.flow}` : "words", "");
  words.append(...row.words.map(drawWord));
  node.append(...(row.label ? [label, words] : [words]));
  return node;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".rows");
  meaning = Object.fromEntries(data.meanings);
  for (const [name, colour] of data.colours) root.style.setProperty(`--${name}`, colour);
  root.replaceChildren(...data.rows.map(drawRow));
}

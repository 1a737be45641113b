// Elements. Text is always text: nothing here reads its arguments as HTML.

// element("p", {class: "soft"}, "text", another): attributes that are undefined or false are left out.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

// Four digits of a number; what is no number as it is.
function text(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

// "sse_per_image" as people say it.
function words(name) {
  return name.replaceAll("_", " ");
}

// "1 image", "2 images".
function counted(n, one) {
  return `${n} ${one}${n === 1 ? "" : "s"}`;
}

function seconds(value) {
  if (value < 0.001) return `${text(value * 1e6)} µs`;
  if (value < 1) return `${text(value * 1e3)} ms`;
  if (value < 100) return `${text(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

// Rows of cells below their heads; a cell is a text, a number or an element.
function table(heads, rows, label) {
  const cell = (value, i) => value instanceof Node
    ? element("td", {}, value)
    : element(i === 0 ? "th" : "td",
      {class: typeof value === "number" || value === null ? "number" : false, scope: i === 0 ? "row" : false}, text(value));
  const numbers = (i) => rows.length > 0 && typeof rows[0][i] === "number";
  const head = element("tr", {}, heads.map((name, i) =>
    element("th", {scope: "col", class: numbers(i) ? "number" : false}, name)));
  return element("div", {class: rows.length > 11 ? "scroll long" : "scroll", tabindex: "0", role: "region", "aria-label": label},
    element("table", {}, element("thead", {}, head),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map(cell))))));
}

// Closed, and filled when it is opened for the first time.
function folded(title, fill) {
  const details = element("details", {}, element("summary", {}, title));
  details.addEventListener("toggle", () => details.append(fill()), {once: true});
  return details;
}

// A slider over places 0 to count - 1, with what `show(place)` says of the one chosen; of an only place
// that alone.
function slider(label, count, start, show) {
  const output = element("output");
  const input = element("input", {type: "range", min: 0, max: count - 1, value: start, "aria-label": label});
  const choose = () => {
    output.textContent = show(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", choose);
  choose();
  return {input, element: element("div", {class: "slider"}, element("span", {}, label), count > 1 ? input : null, output)};
}

function image(source, alt, name) {
  return element("img", {src: source, alt, class: name});
}

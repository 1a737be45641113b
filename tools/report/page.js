// A page: sections of what its data have, and nothing of what they have not.

// {training: {lr: 1}} as [["training.lr", 1]].
function flat(object, before = "") {
  return Object.entries(object).flatMap(([name, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value) ? flat(value, `${before}${name}.`)
      : [[before + name, Array.isArray(value) ? JSON.stringify(value) : String(value)]]);
}

// sections: [[id, title, (data) => elements or null], ...].
function fillPage(title, head, sections, data) {
  clearAll();
  document.title = title;
  document.getElementById("summary").replaceChildren(...head);
  const links = [], made = [];
  for (const [id, name, make] of sections) {
    const content = make(data);
    if (!content) continue;
    links.push(element("li", {}, element("a", {href: `#${id}`}, name)));
    made.push(element("section", {id, "aria-labelledby": `${id}-title`}, element("h2", {id: `${id}-title`}, name), [content].flat(2)));
  }
  document.getElementById("contents").replaceChildren(element("ul", {}, links));
  document.getElementById("sections").replaceChildren(...made);
  drawAll();
}

// Fills the page from the data in it, and again where the colours change. Returns the data.
function beginPage(render) {
  const data = JSON.parse(document.getElementById("run").textContent);
  document.getElementById("charts").textContent = withCharts
    ? `Charts by Chart.js ${Chart.version}, MIT licence.`
    : "Built without Chart.js: tables in place of charts.";
  render(data);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => render(data));
  return data;
}

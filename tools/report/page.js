// The page: sections of what a run has, and nothing of what it has not.

const kSections = [
  ["learning", "Learning", learning],
  ["columns", "Columns and rows", columns],
  ["windows", "Windows", windows],
  ["reconstructions", "Reconstructions", reconstructions],
  ["code", "Code", code],
  ["words", "Words of each unit", wordsOfUnits],
  ["generated", "From the code alone", generated],
  ["filters", "First layer", filters],
  ["step", "A training step", step],
  ["configuration", "Configuration", configuration],
];

// {training: {lr: 1}} as [["training.lr", 1]].
function flat(object, before = "") {
  return Object.entries(object).flatMap(([name, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value) ? flat(value, `${before}${name}.`)
      : [[before + name, Array.isArray(value) ? JSON.stringify(value) : String(value)]]);
}

function step(run) {
  if (!run.step) return null;
  const {lines, seconds: whole, work, memory, graph, examples, by} = run.step;
  const longest = Math.max(...lines.map((line) => line.seconds));
  const bar = (line) => element("span", {class: "bar", style: `width: ${(6 * line.seconds / longest).toFixed(2)}rem`});
  return [
    element("p", {}, `${seconds(whole)} for ${examples} ${run.examples}; ${by}.`),
    element("div", {class: "plots"},
      barPlot("Where the time goes", work.map((w) => w.name), work.map((w) => w.seconds * 1e6), {across: true, x: "µs"})),
    element("h3", {}, "What runs, in order"),
    table(["", "µs", "", "instruction"], lines.map((line, i) =>
      [i + 1, Number((line.seconds * 1e6).toFixed(1)), bar(line), element("code", {}, line.text)]), "What runs"),
    element("p", {class: "soft"}, memory),
    folded("The graph of the loss", () => element("pre", {tabindex: "0"}, graph)),
  ];
}

function configuration(run) {
  return [element("h3", {}, "Machine"),
    table(["", ""], flat(run.config.computed_by), "Machine"),
    element("h3", {}, "config.json"),
    table(["", ""], flat(run.config).filter(([name]) => !name.startsWith("computed_by.")), "Configuration")];
}

function render(run) {
  clearAll();
  document.title = `${run.name}: ${run.config.model}`;
  document.getElementById("summary").replaceChildren(...summary(run));
  const links = [], sections = [];
  for (const [id, title, make] of kSections) {
    const content = make(run);
    if (!content) continue;
    links.push(element("li", {}, element("a", {href: `#${id}`}, title)));
    sections.push(element("section", {id, "aria-labelledby": `${id}-title`}, element("h2", {id: `${id}-title`}, title), [content].flat(2)));
  }
  document.getElementById("contents").replaceChildren(element("ul", {}, links));
  document.getElementById("sections").replaceChildren(...sections);
  drawAll();
}

const run = JSON.parse(document.getElementById("run").textContent);
document.getElementById("charts").textContent = withCharts
  ? `Charts by Chart.js ${Chart.version}, MIT licence.`
  : "Built without Chart.js: tables in place of charts.";
render(run);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => render(run));

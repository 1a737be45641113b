// A run's page: what it learnt, and how.

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

// A picture that may be wider than the page: its middle is seen first.
function drawn(picture) {
  const shown = image(picture, "The graph of the loss, drawn");
  const box = element("div", {class: "scroll drawing", tabindex: "0", role: "region", "aria-label": "The graph of the loss"}, shown);
  shown.addEventListener("load", () => box.scrollTo({left: (box.scrollWidth - box.clientWidth) / 2, behavior: "instant"}));
  return box;
}

function step(run) {
  if (!run.step) return null;
  const {lines, seconds: whole, work, memory, graph, drawing, examples, by} = run.step;
  const longest = Math.max(...lines.map((line) => line.seconds));
  const bar = (line) => element("span", {class: "bar", style: `width: ${(6 * line.seconds / longest).toFixed(2)}rem`});
  return [
    element("p", {}, `${seconds(whole)} for ${counted(examples, run.example)}; ${by}.`),
    element("div", {class: "plots"},
      barPlot("Where the time goes", work.map((w) => w.name), work.map((w) => w.seconds * 1e6), {across: true, x: "µs"})),
    element("h3", {}, "What runs, in order"),
    table(["", "µs", "", "instruction"], lines.map((line, i) =>
      [i + 1, Number((line.seconds * 1e6).toFixed(1)), bar(line), element("code", {}, line.text)]), "What runs"),
    element("p", {class: "soft"}, memory),
    element("h3", {}, "The graph of the loss"),
    drawn(drawing),
    folded("As text", () => element("pre", {tabindex: "0"}, graph)),
  ];
}

function configuration(run) {
  return [element("h3", {}, "Machine"),
    table(["", ""], flat(run.config.computed_by), "Machine"),
    element("h3", {}, "config.json"),
    table(["", ""], flat(run.config).filter(([name]) => !name.startsWith("computed_by.")), "Configuration")];
}

function renderReport(run) {
  fillPage(`${run.name}: ${run.config.model}`, summary(run), kSections, run);
}

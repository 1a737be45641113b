// Runs beside each other.

const kSections = [
  ["figures", "Figures", figures],
  ["curves", "Learning", curves],
  ["examples", "The same examples", sameExamples],
  ["differences", "What differs", differences],
];

function linesTable(all, lines, label) {
  const said = (value) => value === null || typeof value === "number" ? value : Array.isArray(value) ? JSON.stringify(value) : String(value);
  return table(["", ...all.runs.map((run) => run.name)], lines.map(({name, values}) => [name, ...values.map(said)]), label);
}

function figures(all) {
  return linesTable(all, all.figures.map(({name, values}) => ({name: words(name), values})), "Figures");
}

function differences(all) {
  if (all.differences.length === 0) return element("p", {}, "Their configurations are the same.");
  return [element("p", {class: "soft"}, "Fields of config.json that are not the same in all of them."),
    linesTable(all, all.differences, "What differs")];
}

// One figure of every run that has it, by epoch; of those alone that `among` lets in.
function overlaid(all, title, value, {among = () => true, ...options} = {}) {
  const lines = all.runs.flatMap((run, i) => ["train", "validation"].map((split) =>
    ({name: split === "train" ? run.name : `${run.name}, validation`, points: among(run) ? curve(run, split, value) : [], dashed: split !== "train", colour: i}))
    .filter((each) => each.points.length > 0));
  return lines.length > 0 ? linePlot(title, lines, {count: all.runs.length, legend: true, ...options}) : null;
}

function distinct(values) {
  return [...new Set(values)];
}

// What cannot be compared shares no axis: losses of one unit do, and terms of one name and kind of data.
function curves(all) {
  const losses = distinct(all.runs.map((run) => run.loss_unit)).map((unit) => overlaid(all, "Loss", (line) => line.loss,
    {among: (run) => run.loss_unit === unit, note: `as trained, in ${unit}${all.runs.some((run) => run.metrics.some((line) => line.split === "validation")) ? "; dashed: validation" : ""}`}));
  const terms = distinct(all.runs.flatMap((run) => keysOf(run, "terms"))).flatMap((name) => distinct(all.runs.map((run) => run.examples)).map((kind) => {
    const among = (run) => run.examples === kind && keysOf(run, "terms").includes(name);
    return all.runs.filter(among).length > 1 ? overlaid(all, words(name), (line) => line.terms?.[name], {among, note: "loss term"}) : null;
  }));
  const plots = [...losses, ...terms,
    overlaid(all, "Active units", (line) => line.active_units, {log: false}),
    overlaid(all, "Jacobian of the encoder", (line) => line.jacobian_norm, {note: "mean norm over examples"})].filter(Boolean);
  return plots.length > 0 ? element("div", {class: "plots"}, plots) : null;
}

function pictureLines({originals, runs}) {
  const row = (name, picture, more) => element("figure", {class: "line"},
    element("figcaption", {}, name, more ? element("small", {}, ` ${more}`) : null), image(picture, name, "sheet"));
  return [row("Originals", originals), ...runs.map((run) => row(run.name, run.picture, `mean squared error ${text(run.error)}`))];
}

function windowLines({names, channels, windows}) {
  const points = (values) => values.map((value, t) => [t, value]);
  const place = element("div", {class: "plots", id: "window"});
  const chosen = slider("Window", windows.length, 0, (at) => {
    const {number, original, reconstructions} = windows[at];
    place.replaceChildren(...channels.map((channel, c) => linePlot(channel, [{name: "signal", points: points(original[c])},
      ...names.map((name, i) => ({name, points: points(reconstructions[i][c]), dashed: true}))], {x: "step of the window", log: false})));
    if (place.isConnected) drawAll();
    return `no. ${number}`;
  });
  return [chosen.element, place];
}

function rowTables({names, rows}) {
  return rows.map(({number, columns}) => [element("h3", {}, `No. ${number}`),
    table(["column", "value", ...names], columns.map((column) => [column.name, column.value, ...column.reconstructions]), `Example ${number}`)]).flat();
}

function sameExamples(all) {
  const made = all.pictures ? pictureLines(all.pictures) : all.windows ? windowLines(all.windows) : all.rows ? rowTables(all.rows) : [];
  if (all.other_examples) made.push(element("p", {class: "soft"}, `Other examples are taken by ${all.other_examples.join(", ")}.`));
  return made.length > 0 ? made : null;
}

function head(all) {
  const names = all.runs.map((run) => run.name);
  return [element("h1", {}, names.join(" · ")),
    ...all.runs.map((run) => element("p", {class: "soft"}, element("strong", {}, run.name), ` ${run.facts[0]}: ${run.config.outcome}`))];
}

beginPage((all) => fillPage(`Compared: ${all.runs.map((run) => run.name).join(", ")}`, head(all), kSections, all));

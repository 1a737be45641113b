// What there is of one kind of data only: columns of tables, windows of series, words of counts.

function columns(run) {
  if (!run.columns) return null;
  const {errors, unit, worst} = run.columns;
  const shown = errors.slice(0, 30), classed = worst.rows.some((row) => row.class !== undefined);
  const made = [element("div", {class: "plots"},
    barPlot("Error of each column", shown.map((c) => c.name), shown.map((c) => c.error),
      {across: true, x: `mean ${unit}`, y: "column", note: errors.length > 30 ? `the 30 largest of ${errors.length}` : "largest first"}))];
  if (errors.some((c) => c.loss !== undefined)) {
    made.push(folded("Columns in the units of the table", () => table(["column", "entries", "loss", "wrong"],
      errors.map((c) => [c.name, c.entries, c.loss, c.wrong ?? null]), "Columns")));
  }
  made.push(element("h3", {}, "The rows that are unlike the rest"),
    element("p", {class: "soft"}, `The largest errors of ${counted(worst.of, `test ${run.example}`)}, and the columns that make most of each.`),
    table([run.example, ...classed ? ["class"] : [], "error", "column: value → reconstruction (share of the error)"],
      worst.rows.map((row) => [row.number, ...classed ? [row.class] : [], row.score, row.columns.map((c) =>
        `${c.name}: ${c.value === undefined ? "" : `${text(c.value)} → ${text(c.reconstruction)} `}(${Math.round(100 * c.share)} %)`)
        .join("; ")]),
      "The rows that are unlike the rest"));
  return made;
}

// One window: each channel with its reconstruction, and the error below.
function windowPlots(run, place) {
  const {channels, windows} = run.windows;
  const {original, reconstruction} = windows[place];
  const points = (values) => values.map((value, t) => [t, value]);
  return channels.map((name, c) => linePlot(name, [
    {name: "signal", points: points(original[c])},
    {name: "reconstruction", points: points(reconstruction[c]), dashed: true},
    {name: "error (below)", below: true, points: points(original[c].map((value, t) => value === null ? null : value - reconstruction[c][t]))},
  ], {x: "step of the window", log: false}));
}

function windows(run) {
  if (!run.windows) return null;
  const {scores, windows: shown} = run.windows;
  const classes = [...new Set(scores.map((each) => each.class))];
  const curves = classes.length < 2 ? [{name: "error", points: scores.map((each) => [each.number, each.score])}]
    : classes.map((name) => ({name: `class ${name}`,
      points: scores.map((each) => [each.number, each.class === name ? each.score : null])}));
  const place = element("div", {class: "plots", id: "window"});
  const worst = shown.reduce((best, each, i) => (each.score > shown[best].score ? i : best), 0);
  const chosen = slider("Window", shown.length, worst, (at) => {
    place.replaceChildren(...windowPlots(run, at));
    if (place.isConnected) drawAll();
    const {number, score, class: name} = shown[at];
    return `no. ${number}${name === undefined ? "" : `, class ${name}`}, error ${text(score)}`;
  });
  return [linePlot("Error of each window", curves, {x: "window of the test part", note: "mean squared error, channels in their deviations"}),
    element("h3", {}, "Signal, reconstruction, error"), chosen.element, place];
}

function wordsOfUnits(run) {
  if (!run.words) return null;
  return [element("p", {class: "soft"}, run.words.caption),
    table(["unit", "more of it", "less of it"], run.words.units.map((unit) =>
      [String(unit.unit), unit.more.join(", "), unit.less.join(", ")]), "Words of each unit")];
}

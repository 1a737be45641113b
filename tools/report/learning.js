// What training was: the figures at the top, and curves by epoch.

// [[epoch, value], ...] of the lines of one part of the data.
function curve(run, split, value) {
  return run.metrics.filter((line) => line.split === split)
    .map((line) => [line.epoch, value(line)])
    .filter(([, found]) => found !== undefined);
}

// Training and validation, those of them that there are.
function bySplit(run, value) {
  return ["train", "validation"]
    .map((split) => ({name: split === "train" ? "training" : split, points: curve(run, split, value), dashed: split !== "train"}))
    .filter((each) => each.points.length > 0);
}

function keysOf(run, member) {
  return [...new Set(run.metrics.flatMap((line) => Object.keys(line[member] ?? {})))];
}

function lastOf(run, split) {
  return run.metrics.filter((line) => line.split === split).at(-1);
}

function tiles(run) {
  const test = lastOf(run, "test"), last = lastOf(run, "train");
  const time = run.timing.reduce((sum, line) => sum + line.seconds, 0);
  const all = [];
  const add = (name, value, more) => all.push(element("div", {}, element("dt", {}, name),
    element("dd", {}, value, more ? element("small", {}, ` ${more}`) : null)));
  if (test) add("Test loss", text(test.loss));
  for (const name of ["sse_per_image", "sse", "mse"]) {
    if (test?.[name] === undefined) continue;
    add(`Test ${words(name)}`, text(test[name]));
    break;
  }
  if (run.explained !== undefined) add("Variance explained", `${text(100 * run.explained)} %`);
  if (last?.active_units !== undefined) {
    add("Active units", `${last.active_units} of ${run.code}`, last.dead_units > 0 ? `${last.dead_units} dead` : "");
  }
  if (last) add("Epochs", String(last.epoch), run.config.best_epoch > 0 ? `best: ${run.config.best_epoch}` : "");
  if (time > 0) add("Training time", seconds(time));
  return element("dl", {class: "tiles"}, all);
}

function summary(run) {
  const outcome = run.killed ? "killed" : run.config.outcome;
  const state = /^(done|stopped early)$/.test(outcome) ? "good" : outcome === "training" ? "soft" : "bad";
  return [
    element("h1", {}, run.name),
    run.facts.map((line) => element("p", {class: "soft"}, line)),
    element("p", {}, "Outcome: ", element("strong", {class: state}, outcome), run.killed ? [": ", element("code", {}, run.killed), " goes on with it"] : null),
    tiles(run),
  ].flat();
}

function learning(run) {
  if (!run.metrics.some((line) => line.split.startsWith("train"))) return null;
  const plots = [];
  const loss = bySplit(run, (line) => line.loss);
  const terms = keysOf(run, "terms"), only = (names) => (names.length === 1 ? `: ${words(names[0])}` : "");
  if (loss.length > 0) plots.push(linePlot("Loss", loss, {note: `as trained${only(terms)}`}));
  if (terms.length > 1) {
    for (const name of terms) plots.push(linePlot(words(name), bySplit(run, (line) => line.terms?.[name]), {note: "loss term"}));
  }
  const norms = keysOf(run, "gradient_norms").map((name) =>
    ({name: words(name), points: curve(run, "train", (line) => line.gradient_norms?.[name])}));
  if (norms.length > 0) {
    plots.push(linePlot("Gradient norm of each term", norms, {note: `over all parameters, at the end of an epoch${only(norms.map(({name}) => name))}`, log: isWide(norms.flatMap((n) => n.points.map(([, v]) => v)))}));
  }
  const layers = [...new Set(run.metrics.map((line) => line.split).filter((split) => split.startsWith("train layer")))];
  if (layers.length > 0) {
    plots.push(linePlot("Layer by layer", layers.map((split) => ({name: split.slice(6), points: curve(run, split, (line) => line.loss)})),
      {note: "loss of each layer on its own, ahead of the whole"}));
  }
  return [element("div", {class: "plots"}, plots), testTable(run)];
}

// All that the test part's line has.
function testTable(run) {
  const test = lastOf(run, "test");
  if (!test) return null;
  const rows = [["loss", test.loss]];
  for (const [name, value] of Object.entries(test.terms ?? {})) rows.push([`loss term ${words(name)}`, value]);
  for (const [name, value] of Object.entries(test)) {
    if (typeof value === "number" && !["epoch", "loss"].includes(name)) rows.push([words(name), value]);
  }
  return element("div", {}, element("h3", {}, "On the test part"), table(["", "mean"], rows, "On the test part"));
}

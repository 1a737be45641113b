// The code: how much of it is used, and where examples lie in it.

function codeStatistics(run) {
  const plots = [];
  const add = (title, names, options) => {
    const curves = names.map(([member, name]) => ({name, points: curve(run, "train", (line) => line[member])}))
      .filter((each) => each.points.length > 0);
    if (curves.length > 0) plots.push(linePlot(title, curves, options));
  };
  add("Units", [["active_units", "active"], ["dead_units", "dead"]],
    {note: `of ${run.code}; active: varies over examples, dead: the same number for all`, log: false});
  add("Sparseness", [["code_sparseness", "sparseness"], ["code_zeros", "share of zeros"]],
    {note: "0: all units alike, 1: one unit alone", log: false});
  add("Jacobian of the encoder", [["jacobian_norm", "norm"]], {note: "mean norm over examples"});
  const last = run.metrics.filter((line) => line.split === "train").at(-1);
  if (last?.kl_per_dimension) {
    const order = last.kl_per_dimension.map((kl, unit) => [kl, unit]).sort((a, b) => b[0] - a[0]);
    plots.push(barPlot("KL divergence of each unit", order.map(([, unit]) => String(unit)), order.map(([kl]) => kl),
      {x: "unit", y: "nats", note: `after epoch ${last.epoch}, largest first`}));
  }
  if (last?.noise_tolerance) {
    const points = Object.entries(last.noise_tolerance).map(([deviation, mse]) => [Number(deviation.match(/[\d.]+$/)), mse]);
    plots.push(linePlot("Error from noisy examples", [{name: "mse", points}],
      {x: "deviation of the noise", y: "mse", note: `after epoch ${last.epoch}`, log: false}));
  }
  if (run.codebook) plots.push(codebookPlot(run));
  return plots.length > 0 ? element("div", {class: "plots"}, plots) : null;
}

// How often each entry of a codebook is taken.
function codebookPlot({codebook: {used, perplexity, shares}}) {
  const order = shares.map((share, entry) => [share, entry]).sort((a, b) => b[0] - a[0]);
  return barPlot("Use of the codebook", order.map(([, entry]) => String(entry)), order.map(([share]) => 100 * share),
    {x: "entry", y: "% of all codes", note: `used by the test part: ${used} of ${shares.length}; perplexity ${text(perplexity)}`});
}

// An example beside its reconstruction, cut from two sheets of them.
function exampleCanvas(sheets, which, name) {
  const {width, height, columns} = sheets;
  const canvas = element("canvas", {width, height, role: "img", "aria-label": name});
  const source = new Image();
  let place = 0;
  const draw = () => canvas.getContext("2d").drawImage(source, (place % columns) * width,
    Math.floor(place / columns) * height, width, height, 0, 0, width, height);
  source.onload = draw;
  source.src = sheets[which];
  return {canvas, show(next) {
    place = next;
    if (source.complete) draw();
  }};
}

// A window of a series over its reconstruction, a band a channel, out of two sheets of them: a pixel
// is a number from 1 to 255, or 0 where there is none.
function windowCanvas(sheets) {
  const {width, height, columns} = sheets, band = Math.max(10, Math.min(48, 320 / height));
  const canvas = element("canvas", {class: "trace", width: 240, height: Math.round(band * height), role: "img", "aria-label": "Example, dashed its reconstruction"});
  const views = [["originals", kPalette[0], []], ["reconstructions", kPalette[1], [5, 3]]].map(([which, stroke, dash]) => {
    const source = new Image();
    source.onload = () => draw();
    source.src = sheets[which];
    return {source, stroke, dash};
  });
  let place = 0;
  const numbers = (source) => {
    const small = new OffscreenCanvas(width, height).getContext("2d");
    small.drawImage(source, -(place % columns) * width, -Math.floor(place / columns) * height);
    return small.getImageData(0, 0, width, height).data;
  };
  const draw = () => {
    if (!views.every(({source}) => source.complete)) return;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.lineWidth = 1.5;
    for (const {source, stroke, dash} of views) {
      const data = numbers(source);
      context.strokeStyle = stroke;
      context.setLineDash(dash);
      for (let channel = 0; channel < height; ++channel) {
        context.beginPath();
        for (let step = 0; step < width; ++step) {
          const value = data[4 * (channel * width + step)];
          if (value > 0) context.lineTo(240 * (step + 0.5) / width, band * (channel + 0.92 - 0.84 * (value - 1) / 254));
        }
        context.stroke();
      }
    }
  };
  return {canvas, show(next) {
    place = next;
    draw();
  }};
}

// What is known of the example that is pointed at.
function examplePanel(run) {
  const {points, sheets, traces, texts} = run.latent;
  const views = traces ? [windowCanvas(traces)] : sheets ? [exampleCanvas(sheets, "originals", "Example"), exampleCanvas(sheets, "reconstructions", "Its reconstruction")] : [];
  const lines = element("div");
  const panel = element("div", {class: "example", id: "example", "aria-live": "polite"}, views.map((view) => view.canvas), lines);
  return {panel, show(place) {
    const point = points[place];
    for (const view of views) view.show(place);
    lines.replaceChildren(...[`${run.example} ${point.number}`, point.class === undefined ? null : `class ${point.class}`,
      `error ${text(point.score)}`, texts?.[place]].filter(Boolean).map((line) => element("p", {}, line)));
  }};
}

// A legend of more lines leaves no room for the plot: classes are then told by pointing at them.
const kLegendLines = 6;

// About so many, of names beside their points.
function legendLines(names, width) {
  return names.reduce((sum, name) => sum + 36 + 7 * name.length, 0) / width;
}

function latentSets(run) {
  const {points, classes} = run.latent;
  const names = classes.length > 0 ? classes : [run.examples];
  const groups = names.map((name, i) => ({
    label: name,
    data: [],
    backgroundColor: colour(i, names.length),
    borderWidth: 0,
    pointRadius: points.length > 400 ? 3 : 4,
    pointHoverRadius: 6,
  }));
  points.forEach((point, place) => groups[Math.max(0, names.indexOf(point.class))].data.push({x: point.at[0], y: point.at[1], place}));
  const ring = {label: "shown", data: [], pointRadius: 9, borderWidth: 2, borderColor: getComputedStyle(document.documentElement).getPropertyValue("--ink"), backgroundColor: "transparent"};
  return [ring, ...groups];
}

function latent(run) {
  if (!run.latent) return null;
  const {points, axes, classes} = run.latent, classed = classes.length > 0;
  const {panel, show} = examplePanel(run);
  let chart = null;
  const ring = (place) => {
    if (!chart) return;
    chart.data.datasets[0].data = [{x: points[place].at[0], y: points[place].at[1], place}];
    chart.update("none");
  };
  const chosen = slider("Example", points.length, 0, (place) => {
    show(place);
    ring(place);
    return `${place + 1} of ${points.length}`;
  });
  chosen.element.id = "latent-slider";
  const choose = (place) => {
    if (String(place) === chosen.input.value) return;
    chosen.input.value = place;
    chosen.input.dispatchEvent(new Event("input"));
  };
  const datasets = latentSets(run);
  const options = {
    ...kBase,
    onHover: (event, found) => {
      const under = found.find((each) => each.datasetIndex > 0);
      if (under) choose(datasets[under.datasetIndex].data[under.index].place);
    },
    plugins: {tooltip: {enabled: false}, legend: {display: ({chart}) => classed && legendLines(classes, chart.width) <= kLegendLines, title: {display: true, text: "class"},
      labels: {usePointStyle: true, boxHeight: 8, filter: (item) => item.datasetIndex > 0}}},
    scales: {x: {title: {display: true, text: axes[0]}}, y: {title: {display: true, text: axes[1]}}},
  };
  const figure = plot({
    title: "Where examples lie", note: `${points.length} of the test part${points.length === 1 ? "" : withCharts ? "; point at one, or use the slider, to see it" : "; the slider shows one"}`,
    label: `Codes of ${counted(points.length, run.example)} in two dimensions`,
    tall: true,
    config: {type: "scatter", data: {datasets}, options},
    heads: [run.example, ...classed ? ["class"] : [], ...axes, "error"],
    rows: () => points.map((point) => [point.number, ...classed ? [point.class] : [], ...point.at, point.score]),
    made: (drawn) => {
      chart = drawn;
      ring(0);
    },
  });
  figure.id = "latent";
  return element("div", {class: "latent"}, element("div", {}, figure, chosen.element), panel);
}

function code(run) {
  const made = [latent(run), codeStatistics(run)].filter(Boolean);
  return made.length > 0 ? made : null;
}

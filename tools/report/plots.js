// Plots by Chart.js, each with its numbers in a table below; without Chart.js the tables alone.

const withCharts = typeof Chart !== "undefined";
const kPalette = ["#4e79a7", "#f28e2b", "#e15759", "#59a14f", "#b07aa1", "#76b7b2", "#d4a72c", "#ff9da7", "#9c755f",
  "#8a8f98"];

let charts = [];   // those that are drawn
let waiting = [];  // those that will be once the page holds their place

function colour(i, count) {
  return count <= kPalette.length ? kPalette[i] : `hsl(${Math.round((360 * i) / count)} 60% 52%)`;
}

// Axes and texts in the page's own colours, light or dark.
function paint() {
  const style = getComputedStyle(document.documentElement);
  Chart.defaults.color = style.getPropertyValue("--soft");
  Chart.defaults.borderColor = style.getPropertyValue("--line");
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
}

function drawAll() {
  if (withCharts) paint();
  charts = charts.filter((chart) => chart.canvas?.isConnected || chart.destroy());
  for (const draw of waiting) draw();
  waiting = [];
}

function clearAll() {
  for (const chart of charts) chart.destroy();
  charts = [];
}

const kBase = {
  responsive: true,
  maintainAspectRatio: false,
  animation: false,
  interaction: {mode: "nearest", intersect: false},
};

// A figure with a chart and its numbers, or the numbers alone where nothing is to be drawn: there is no
// `config`. `made(chart)` is called once it is drawn.
function plot({title, note, label, config, heads, rows, tall, made}) {
  const caption = element("figcaption", {}, title, note ? element("small", {}, ` ${note}`) : null);
  const numbers = () => table(heads, rows(), `Numbers: ${title}`);
  if (!withCharts || !config) return element("figure", {}, caption, numbers());
  const canvas = element("canvas", {role: "img", "aria-label": label ?? title});
  waiting.push(() => {
    const chart = new Chart(canvas, config);
    charts.push(chart);
    if (made) made(chart);
  });
  return element("figure", {}, caption, element("div", {class: tall ? "canvas tall" : "canvas"}, canvas),
    folded("Numbers", numbers));
}

// Three powers of ten or more are seen on a logarithmic scale only.
function isWide(numbers) {
  const known = numbers.filter((v) => v !== null);
  return known.length > 0 && Math.min(...known) > 0 && Math.max(...known) / Math.min(...known) > 50;
}

// Legends show lines as they are drawn, dashes too.
const kLines = {
  usePointStyle: true,
  pointStyle: "line",
  pointStyleWidth: 28,
  generateLabels: (chart) => Chart.defaults.plugins.legend.labels.generateLabels(chart).map((item) =>
    ({...item, lineWidth: 2, lineDash: chart.data.datasets[item.datasetIndex].borderDash})),
};

// The vertical axes of a line plot: one, or two of which one lies below the other.
function upright(curves, logarithmic, title) {
  const whole = curves.every((curve) => curve.points.every(([, value]) => Number.isInteger(value)));
  const y = {type: logarithmic ? "logarithmic" : "linear", title: {display: Boolean(title), text: title}, ticks: whole ? {precision: 0} : {}};
  if (!curves.some((curve) => curve.below)) return {y};
  const stacked = (stackWeight) => ({axis: "y", position: "left", stack: "all", stackWeight});
  const ticks = {
    maxTicksLimit: 4,
    callback(value, i, all) {  // none at the upper end, where the other axis begins
      return i === all.length - 1 ? "" : Chart.Ticks.formatters.numeric.call(this, value, i, all);
    },
  };
  return {below: {...stacked(2), offset: true, ticks}, y: {...y, ...stacked(3)}};
}

// curves: [{name, points: [[x, y], ...]}]; those with `below` have an axis of their own under the
// others', and `colour` is which of so many colours one has. A single point is a number, no curve.
function linePlot(title, curves, {x = "epoch", y, note, log, count = curves.length, legend = curves.length > 1} = {}) {
  const places = [...new Set(curves.flatMap((curve) => curve.points.map(([at]) => at)))].sort((a, b) => a - b);
  const tables = curves.map((curve) => new Map(curve.points));
  const logarithmic = log ?? isWide(curves.flatMap((curve) => curve.points.map(([, value]) => value)));
  const drawn = (value) => (logarithmic && !(value > 0) ? null : value);
  const datasets = curves.map((curve, i) => ({
    label: curve.name,
    data: curve.points.map(([at, value]) => ({x: at, y: drawn(value)})),
    borderColor: colour(curve.colour ?? i, count),
    backgroundColor: colour(curve.colour ?? i, count),
    borderDash: curve.dashed ? [6, 4] : [],
    yAxisID: curve.below ? "below" : "y",
    borderWidth: 2,
    clip: 5,
    pointRadius: places.length > 30 ? 0 : 3,
    pointHitRadius: 8,
  }));
  const whole = places.every(Number.isInteger);
  return plot({
    title, note,
    label: `${title}: ${curves.map((c) => c.name).join(", ")} by ${x}`,
    config: places.length > 1 && {
      type: "line",
      data: {datasets},
      options: {
        ...kBase,
        interaction: {mode: "index", intersect: false},
        plugins: {legend: {display: legend, labels: kLines}},
        scales: {
          x: {type: "linear", title: {display: true, text: x}, ticks: whole ? {precision: 0} : {}, min: places[0], max: places.at(-1)},
          ...upright(curves, logarithmic, y),
        },
      },
    },
    heads: [x, ...curves.map((curve) => curve.name)],
    rows: () => places.map((at) => [at, ...tables.map((t) => t.get(at) ?? null)]),
  });
}

function barPlot(title, names, values, {x, y, note, across} = {}) {
  return plot({
    title, note,
    label: `${title}: ${counted(names.length, "bar")}`,
    tall: across && names.length > 12,
    config: {
      type: "bar",
      data: {labels: names, datasets: [{data: values, backgroundColor: kPalette[0]}]},
      options: {
        ...kBase,
        indexAxis: across ? "y" : "x",
        plugins: {legend: {display: false}},
        scales: {
          x: {title: {display: Boolean(x), text: x}, ticks: {autoSkip: true}},
          y: {title: {display: Boolean(y), text: y}, ticks: {autoSkip: !across}},
        },
      },
    },
    heads: [across ? (y ?? "") : (x ?? ""), across ? (x ?? "") : (y ?? "")],
    rows: () => names.map((name, i) => [name, values[i]]),
  });
}

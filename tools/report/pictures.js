// Images: what comes back of them, epoch by epoch, and what the model makes by itself.

function byEpoch({originals, epochs}, what) {
  const shown = image(epochs.at(-1).picture, "", "sheet");
  const show = (place) => {
    shown.src = epochs[place].picture;
    shown.alt = `Reconstructions after epoch ${epochs[place].epoch}`;
    return `${epochs[place].epoch} of ${epochs.at(-1).epoch}`;
  };
  const chosen = slider("Epoch", epochs.length, epochs.length - 1, show).element;
  return element("figure", {id: "by-epoch"}, element("figcaption", {}, "By epoch ", element("small", {}, `the same ${what}, originals above`)),
    image(originals, "Originals", "sheet"), shown, chosen);
}

// Originals over their reconstructions, each with what is known of it.
function pairs(title, note, examples, what) {
  return [element("h3", {}, title), element("p", {class: "soft"}, note),
    element("ul", {class: "pairs"}, examples.map((each) => element("li", {},
      image(each.original, `${what} ${each.number}`), image(each.reconstruction, `its reconstruction`),
      element("span", {}, `no. ${each.number}`), each.class === undefined ? null : element("span", {}, `class ${each.class}`),
      element("span", {}, text(each.score)))))];
}

function reconstructions(run) {
  const made = [];
  if (run.reconstructions_by_epoch) made.push(byEpoch(run.reconstructions_by_epoch, run.examples));
  if (run.reconstructions) {
    const {best, worst, of, score} = run.reconstructions;
    const note = `of ${counted(of, `test ${run.example}`)}, with the ${score}`;
    made.push(pairs("Worst", note, worst, run.example), pairs("Best", note, best, run.example));
  }
  return made.length > 0 ? made.flat() : null;
}

function sheet({picture, caption}) {
  return element("figure", {}, element("figcaption", {}, caption), image(picture, caption, "sheet"));
}

function generated(run) {
  const made = ["manifold", "traversal", "samples"].filter((name) => run[name]).map((name) => sheet(run[name]));
  return made.length > 0 ? element("div", {class: "plots"}, made) : null;
}

function filters(run) {
  return run.filters ? sheet(run.filters) : null;
}

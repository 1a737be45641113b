"""Transfer, and manifolds."""

from .charts import curves, svg, text
from .row import Row, Summary, bold_best, markdown_table, mean, over


def transfer_section(found, pictures):
    rows = []
    for count, at in found["error"].items():
        ways = (at["transferred"], at["scratch"])
        better = sum(a < b for a, b in zip(*ways))
        rows.append([count, *bold_best([over(w, 1, 100) + " %" for w in ways], [mean(w) for w in ways], min),
                     f"{better} of {len(ways[0])}"])
    lines = {way: [(i, 100 * mean(at[way])) for i, at in enumerate(found["error"].values(), 1)]
             for way in ("transferred", "scratch")}
    top = 5 * (1 + max(y for line in lines.values() for _, y in line) // 5)
    curves(pictures / "transfer.svg", lines, (0.8, 4.2), (0, top), range(0, int(top) + 1, 5),
           label="100, 500, 1000 and 10,000 labels: % of the test digits")
    return [
        "MNIST: a denoising autoencoder (two strided convolutions and 64 units, a quarter of the pixels masked) learns",
        f"from {found['images']} images without labels for 2 epochs; its encoder, with a linear layer on top, is then",
        "fine-tuned as a classifier of few labelled images, as many of each class, beside the same network from fresh",
        "weights, trained alike (Adam, 50 a step, some 600 steps, of 10,000 labels 4 epochs). Error on the",
        f"{found['test']} test images, {found['seeds']} seeds, each with labelled images of its own; nothing was chosen.", "",
        *markdown_table(["labels", "transferred", "from scratch", "transferred is better with"], rows), "",
        "![Error by labels](applications/transfer.svg)"]


def transfer_summary(found):
    wins, losses = [], []
    for count, at in found["error"].items():
        better = sum(a < b for a, b in zip(at["transferred"], at["scratch"]))
        (wins if better == found["seeds"] else losses).append((count, better))
    said = ", ".join(c for c, _ in wins) or "no number of"
    rest = "".join(f"; at {c} with {b} of {found['seeds']}" for c, b in losses)
    verdict = f"The transferred encoder is better with every seed at {said} labels{rest}."
    reached = {"500", "1000"} <= {c for c, _ in wins}

    def errors(way):
        return " / ".join(f"{100 * mean(at[way]):.1f}" for at in found["error"].values()) + " %"
    return Summary(errors("transferred"), errors("scratch") + " from scratch", "-", str(found["seeds"]), verdict,
                   f"{'better' if reached else '**not always better**'} at 500 and 1,000")


def shade(value):
    """From blue over grey to red."""
    return "#%02x%02x%02x" % tuple(round(a + (b - a) * value) for a, b in zip((36, 113, 163), (208, 57, 43)))


def draw_planes(found, pictures):
    parts = []
    for column, (name, each) in enumerate(found["sets"].items()):
        for row, way in enumerate(("ours", "pca")):
            points = each[way]["drawn"][:250]
            left, top = 8 + 158 * column, 22 + 158 * row
            (x0, x1), (y0, y1) = ((min(p[i] for p in points), max(p[i] for p in points)) for i in (0, 1))
            parts += [f'<circle cx="{left + 150 * (x - x0) / (x1 - x0):.0f}" cy="{top + 140 * (y - y0) / (y1 - y0):.0f}" '
                      f'r="1.6" fill="{shade(c)}"/>' for x, y, c in points]
            parts.append(text(left + 75, top - 8, f"{name}, {'autoencoder' if way == 'ours' else 'PCA'}"))
    svg(pictures / "manifolds.svg", 640, 330, parts)


def manifolds_section(found, _):
    rows = []
    for name, each in found["sets"].items():
        ours, pca = each["ours"], each["pca"]
        rows.append([name, each["learnt"], each["judged"],
                     *bold_best([over(w["left"]) for w in (ours, pca)], [mean(w["left"]) for w in (ours, pca)], min),
                     *bold_best([over(w["trust"]) for w in (ours, pca)], [mean(w["trust"]) for w in (ours, pca)])])
    return [
        "Two numbers a row: of a sheet (x^2 - y^2) and of a roll in space, of the Frey faces (every fifth picture is",
        "judged) and of MNIST's digits, by an autoencoder D-128-64-2 and by the first two principal components. What is",
        "left of the variance, and how trustworthy the plane is (Venna & Kaski, \"Neighborhood preservation in nonlinear",
        f"projection methods\", 2001, 12 neighbours: 1 where all are neighbours in space, too), of rows that were not",
        f"learnt from; {found['seeds']} seeds. Colours: the place on the surface, when a picture was taken, the digit.", "",
        *markdown_table(["rows", "learnt from", "judged", "variance left", "of PCA", "trustworthiness", "of PCA"], rows), "",
        "![The planes](applications/manifolds.svg)"]


def manifolds_summary(found):
    lost = [f"{name} ({what})" for name, each in found["sets"].items()
            for what, key, sign in (("variance left", "left", -1), ("trustworthiness", "trust", 1))
            if sign * mean(each["ours"][key]) <= sign * mean(each["pca"][key])]
    verdict = ("The autoencoder is ahead of PCA everywhere, in what is left and in trustworthiness." if not lost else
               f"The autoencoder is ahead of PCA but for {', '.join(lost)}.")

    def figures(way):
        return ", ".join(f"{name} {mean(each[way]['left']):.3f} / {mean(each[way]['trust']):.3f}"
                         for name, each in found["sets"].items())
    return Summary(figures("ours"), "PCA: " + figures("pca"), "-", str(found["seeds"]), verdict,
                   "ahead of PCA everywhere" if not lost else f"**behind PCA** on {', '.join(lost)}")


ROWS = [
    Row("transfer", "From unlabelled to labelled digits", 4, "transfer", transfer_section, transfer_summary),
    Row("manifolds", "Manifolds", 1, "manifold", manifolds_section, manifolds_summary, draw_planes),
]

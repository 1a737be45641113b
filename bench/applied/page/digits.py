"""Images: transfer, neighbours, manifolds, generation."""

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
        f"{found['test']} test images, {found['seeds']} seeds, each with labelled images of its own; nothing was chosen.",
        "Four epochs of 10,000 are short: with more, a fresh network has room to catch up.", "",
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


def similar_section(found, _):
    codes, pixels = found["codes"], found["pixels"]
    classes = [[mean(column) for column in zip(*way["classes"])] for way in (codes, pixels)]
    rows = [["codes", over(codes["all"], 4), *(f"{c:.3f}" for c in classes[0])],
            ["pixels", over(pixels["all"], 4), *(f"{c:.3f}" for c in classes[1])]]
    tried = ", ".join(f"{100 * masking:g} % {precision:.4f}" for masking, precision in found["tried"])
    return [
        f"MNIST: {found['queries']} test images query {found['items']} training images; the share of the ten nearest that",
        "have the query's digit (precision@10). 64 codes of a denoising autoencoder (784-500-64), compared by their",
        "angle, beside pixels by Euclid's distance, both exactly (`ae::k_nearest`). How many of the pixels are masked",
        f"was chosen by the last 5,000 training images, which query the others: {tried}. {found['seeds']} seeds.", "",
        *markdown_table(["by", "precision@10", *range(10)], rows), "",
        "![Digits and their neighbours](applications/similar.png)", "",
        "From the left: a test digit and its ten nearest by codes. Below: Frey faces, which have no classes, and the",
        "others of the video that are nearest by 16 codes.", "",
        "![Faces and their neighbours](applications/similar-faces.png)"]


def similar_summary(found):
    codes, pixels = mean(found["codes"]["all"]), mean(found["pixels"]["all"])
    lost = [c for c in range(10) if mean([r[c] for r in found["codes"]["classes"]]) < found["pixels"]["classes"][0][c]]
    floor = "above the floor of .95" if codes >= 0.95 else f"{0.95 - codes:.4f} below the floor of .95"
    verdict = (f"Codes find {codes:.4f}, {floor}, against {pixels:.4f} by pixels; of the digits "
               f"{', '.join(map(str, lost)) or 'none'} pixels find more.")
    return Summary(over(found["codes"]["all"], 4), f"pixels {pixels:.4f}", "-", str(found["seeds"]), verdict,
                   f"{'ahead of' if codes > pixels else '**behind**'} pixels; {floor}")


WAYS = ("autoencoder", "median", "Gaussian", "non-local means", "PCA")


def noise_section(found, _):
    rows = []
    for name, at in found["noise"].items():
        psnr = bold_best([over(at[w]["psnr"], 2) for w in WAYS], [mean(at[w]["psnr"]) for w in WAYS])
        ssim = bold_best([f"{mean(at[w]['ssim']):.3f}" for w in WAYS], [mean(at[w]["ssim"]) for w in WAYS])
        rows.append([name, f"{at['as it is']['psnr'][0]:.2f} / {at['as it is']['ssim'][0]:.3f}",
                     *(f"{p} / {s}" for p, s in zip(psnr, ssim))])
    return [
        f"The first {found['judged']} test digits of MNIST with noise, held to [0, 1]. For each kind and level a",
        f"convolutional denoising autoencoder learns from {found['learnt']} training digits under that noise, 4 epochs;",
        "the filters and the number of principal components have the strength of the highest PSNR on 200 other",
        f"training digits under the same noise. Means of PSNR in dB / SSIM; {found['seeds']} seeds. Non-local means is",
        "that of Buades, Coll & Morel (2005), patches of 3 x 3, a search of 11 x 11.", "",
        *markdown_table(["noise", "as it is", *WAYS], rows), "",
        "![Noisy digits and what is made of them](applications/noise.png)", "",
        "From above: digits; then, for each noise, with it and by the autoencoder."]


def noise_summary(found):
    lost = [f"{name} ({w})" for name, at in found["noise"].items() for w in WAYS[1:]
            if min(at["autoencoder"]["psnr"]) < at[w]["psnr"][0]]
    verdict = ("The autoencoder is ahead of every filter at every level, with every seed, by PSNR." if not lost else
               f"By PSNR the autoencoder is not ahead of {', '.join(lost)}; else it is, with every seed.")

    def figures(way):
        return " / ".join(f"{mean(at[way]['psnr']):.1f}" for at in found["noise"].values())
    return Summary(figures("autoencoder") + " dB", "; ".join(f"{w} {figures(w)}" for w in WAYS[1:]), "-",
                   str(found["seeds"]), verdict,
                   "ahead of all filters" if not lost else f"**behind** at {', '.join(lost)}")


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


def generation_section(found, _):
    rows = [[name, over(values, 2)] for name, values in found["nll"].items()]
    return [
        "Omniglot's characters, drawn from their strokes (28 x 28, each scaled as a whole to 22 pixels; 30,000 learnt",
        "from). These are not the images of Burda et al. (\"Importance weighted autoencoders\", 2016), so nothing here",
        f"compares with their figures. A 784-300-32 VAE and the same with the bound of five importance-weighted draws; {found['epochs']}",
        "epochs, 100 images a step, Adam at 0.001 falling by a cosine, pixels drawn black or white afresh at each step;",
        f"minus log p(x) of {found['judged']} test images, drawn once, by importance sampling with {found['draws']}",
        f"draws; {found['seeds']} seeds.", "",
        *markdown_table(["model", "NLL, nats an image"], rows), "",
        "![Characters](applications/generation.png)", "",
        "From above: test characters; their reconstructions; draws of the prior; the way from the first character to",
        "the second (spherical); the second less the first, added to each of the others."]


def generation_summary(found):
    vae, iwae = (found["nll"][name] for name in ("VAE", "IWAE, 5 draws"))
    better = sum(b < a for a, b in zip(vae, iwae))
    verdict = (f"Five draws give {mean(iwae):.2f} nats against {mean(vae):.2f} of the VAE, and are better with {better} of "
               f"{found['seeds']} seeds; after {found['epochs']} epochs neither has converged.")
    return Summary(f"IWAE {over(iwae, 2)}", f"our VAE {over(vae, 2)}", "not comparable", str(found["seeds"]), verdict,
                   "IWAE ahead of the VAE" if better == found["seeds"] else "**no clear difference**")


ROWS = [
    Row("transfer", "From unlabelled to labelled digits", 4, "transfer", transfer_section, transfer_summary),
    Row("similar", "Images like an image", 4, "similar_images", similar_section, similar_summary),
    Row("noise", "Digits without their noise", 2, "denoising", noise_section, noise_summary),
    Row("manifolds", "Manifolds", 1, "manifold", manifolds_section, manifolds_summary, draw_planes),
    Row("generation", "Characters that nobody has written", 3, "generation", generation_section, generation_summary),
]

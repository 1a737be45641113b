"""Compression: rate against distortion."""

from itertools import groupby
from math import log, log2

from .charts import curves
from .row import Row, Summary, bold_best, markdown_table, mean

METHODS = ("autoencoder", "PCA", "JPEG", "WebP")
SETS = ("digits", "characters", "faces")
RATES = (5, 10, 20, 40, 80, 160)  # bytes an image


def known(found):
    """Without WebP where the program was built without it."""
    return [m for m in METHODS if m in found["sets"]["digits"]]


def curve(found, name, method):
    """(bytes, PSNR, SSIM) of the settings, without what takes more and is no better on these images."""
    points = []
    for point in sorted(tuple(mean(way[key]) for key in ("bytes", "psnr", "ssim")) for way in found["sets"][name][method]):
        if not points or point[1] > points[-1][1]:
            points.append(point)
    return points


def quality_at(points, rate):
    """(PSNR, SSIM) of at most so many bytes, between two settings by the bytes' logarithm; None where all take more."""
    if points[0][0] > rate:
        return None
    for (x0, *low), (x1, *high) in zip(points, points[1:]):
        if rate < x1:
            share = (log(rate) - log(x0)) / (log(x1) - log(x0))
            return tuple(a + share * (b - a) for a, b in zip(low, high))
    return points[-1][1:]


def qualities(found, name):
    """{rate: {method: (PSNR, SSIM)}}, where any method has so few bytes, of those that have."""
    at = {rate: {m: quality_at(curve(found, name, m), rate) for m in known(found)} for rate in RATES}
    return {rate: {m: q for m, q in each.items() if q} for rate, each in at.items() if any(each.values())}


def winner(reached):
    return max(reached, key=lambda m: reached[m][0])


def draw_curves(found, pictures):
    for name in SETS:
        lines = {m: [(log2(x), y) for x, y, _ in curve(found, name, m) if x <= 2 * RATES[-1]] for m in known(found)}
        points = [point for line in lines.values() for point in line]
        (x0, x1), (y0, y1) = ((min(p[i] for p in points), max(p[i] for p in points)) for i in (0, 1))
        ticks = range(4 * int(y0 // 4), int(y1) + 4, 4)
        curves(pictures / f"compression-{name}.svg", lines, (x0 - 0.1, x1 + 0.1), (ticks[0], ticks[-1] + 1), ticks,
               {log2(rate): str(rate) for rate in RATES if x0 < log2(rate) < x1}, f"{name}: bytes an image; PSNR in dB")


def compression_section(found, pictures):
    draw_curves(found, pictures)
    names = known(found)
    rows = []
    for name in SETS:
        for rate, reached in qualities(found, name).items():
            texts = [f"{reached[m][0]:.1f} / {reached[m][1]:.3f}" if m in reached else "-" for m in names]
            rows.append([name, rate, *bold_best(texts, [reached.get(m, (0,))[0] for m in names])])
    webp = " and WebP (libwebp) are" if "WebP" in names else ", without WebP, since the build had no libwebp, is"
    exact = [[name, *(f"{each:.0f}" for each in found["exact"][name].values())] for name in SETS]
    return [
        f"{found['judged']} of MNIST's test digits each, and of what is no digit: Omniglot's characters, drawn, and the Frey faces (28 x",
        f"20, widened by their borders to 28 x 28). Autoencoders 784-256-k, k = 8, 16, 32, 64, learn from {found['learnt']} training digits,",
        f"{found['epochs']} epochs, {found['seeds']} seeds; their codes are quantised and entropy coded as `hourglass compress` does it, with steps",
        "of 2, 1, 1/2 and 1/4 deviations. PCA, k = 8 to 256, has the same quantiser and coder (zstd), and also one step for",
        f"all components. JPEG (libjpeg, Huffman tables of its own){webp} given all",
        "images beside each other in one picture, so that they share the head of a file, each framed up to whole blocks",
        f"of 8. Settings that another one beats in bytes and in PSNR on {found['judged']} other training digits are left out; quality",
        "between two settings is interpolated. What is learnt, of autoencoders and of PCA, is not counted: both ends have",
        "it.", "",
        "PSNR in dB / SSIM of so many bytes an image, of 784:", "",
        *markdown_table(["images", "bytes", *names], rows), "",
        *(line for name in SETS for line in (f"![{name}: PSNR by bytes](applications/compression-{name}.svg)", "")),
        "Bytes an image where nothing is lost:", "",
        *markdown_table(["images", *found["exact"]["digits"]], exact)]


def told(found, name):
    """Who is best, from how few bytes to how many."""
    won = [(rate, winner(reached)) for rate, reached in qualities(found, name).items()]
    parts = []
    for who, group in groupby(won, key=lambda w: w[1]):
        rates = [rate for rate, _ in group]
        parts.append(f"{who} at {rates[0]}" + (f" to {rates[-1]}" if len(rates) > 1 else ""))
    return ", ".join(parts)


def most(found, name):
    return max(psnr for _, psnr, _ in curve(found, name, "autoencoder"))


def compression_summary(found):
    verdict = (f"By PSNR the best of so many bytes an image is, on digits, {told(found, 'digits')}; on characters, "
               f"{told(found, 'characters')}; on faces, {told(found, 'faces')}. However many bytes the autoencoder of digits has, it "
               f"does not come beyond {most(found, 'digits'):.1f} dB on digits, {most(found, 'characters'):.1f} on characters and "
               f"{most(found, 'faces'):.1f} on faces; the codecs come as near as is asked.")
    shown = {rate: reached for rate, reached in qualities(found, "digits").items() if rate in (10, 20, 40)}

    def figures(method):
        return " / ".join(f"{reached[method][0]:.1f}" if method in reached else "-" for reached in shown.values())
    return Summary(f"digits at {' / '.join(map(str, shown))} bytes: {figures('autoencoder')} dB",
                   "; ".join(f"{m} {figures(m)}" for m in known(found)[1:]), "JPEG wins outside the training distribution",
                   str(found["seeds"]), verdict,
                   f"digits: {told(found, 'digits')}; **behind** outside: faces: {told(found, 'faces')}"
                   if "autoencoder" not in told(found, "faces") else f"digits: {told(found, 'digits')}; faces: {told(found, 'faces')}")


ROWS = [Row("compression", "Images in few bytes", 5, "compression", compression_section, compression_summary)]

"""Small SVG pictures: points in columns, lines over an axis."""

COLOURS = ("#c0392b", "#2471a3", "#7d8590", "#b7950b", "#1e8449", "#76448a")
FONT = 'font-family="sans-serif" font-size="11" fill="#555"'


def svg(path, width, height, parts):
    body = "\n".join(parts)
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">\n'
                    f'<rect width="{width}" height="{height}" fill="white"/>\n{body}\n</svg>\n')


def text(x, y, words, anchor="middle", colour="#555"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-family="sans-serif" font-size="11" '
            f'fill="{colour}">{words}</text>')


class Frame:
    """The plane of a picture: numbers to pixels, with lines at some heights, of which a dictionary has the words."""

    def __init__(self, width, height, x, y, ticks=(), digits=1, left=44, bottom=40, top=24):
        self.width, self.height, self.left, self.bottom, self.top = width, height, left, bottom, top
        self.x_range, self.y_range = x, y
        self.parts = []
        for tick in ticks:
            at = self.y(tick)
            self.parts.append(f'<path d="M{left} {at:.1f}H{width - 8}" stroke="#ddd"/>')
            words = ticks[tick] if isinstance(ticks, dict) else f"{tick:.{digits}f}"
            self.parts.append(text(left - 5, at + 4, words, "end"))

    def x(self, value):
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * (self.width - 8 - self.left)

    def y(self, value):
        low, high = self.y_range
        return self.height - self.bottom - (value - low) / (high - low) * (self.height - self.bottom - self.top)

    def legend(self, names):
        at = self.left
        for name, colour in zip(names, COLOURS):
            self.parts.append(f'<circle cx="{at + 5}" cy="11" r="4" fill="{colour}"/>')
            self.parts.append(text(at + 13, 15, name, "start"))
            at += 26 + 6.2 * len(name)

    def line(self, points, colour, width=1.2):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')

    def save(self, path):
        svg(path, self.width, self.height, self.parts)


def points_in_columns(path, columns, series, low, high, ticks):
    """A point a column of each of the series {name: values}."""
    frame = Frame(640, 240, (-0.5, len(columns) - 0.5), (low, high), ticks)
    frame.legend(series)
    for i, column in enumerate(columns):
        frame.parts.append(text(frame.x(i), 216, column))
    for k, values in enumerate(series.values()):
        for i, value in enumerate(values):
            x = frame.x(i) + 7 * (k - (len(series) - 1) / 2)
            frame.parts.append(f'<circle cx="{x:.1f}" cy="{frame.y(value):.1f}" r="3.5" fill="{COLOURS[k]}"/>')
    frame.save(path)


def curves(path, series, x, y, ticks, marks=None, label=""):
    """Lines {name: [(x, y)]}; marks {x: words} stand below the axis."""
    frame = Frame(640, 260, x, y, ticks)
    frame.legend(series)
    for k, points in enumerate(series.values()):
        frame.line(points, COLOURS[k])
        for px, py in points:
            frame.parts.append(f'<circle cx="{frame.x(px):.1f}" cy="{frame.y(py):.1f}" r="2.5" fill="{COLOURS[k]}"/>')
    for at, words in (marks or {}).items():
        frame.parts.append(text(frame.x(at), 236, words))
    frame.parts.append(text((frame.left + frame.width) / 2, 254, label))
    frame.save(path)

"""docs/applications.md, of what bench/applied measured: a module a few rows."""

from . import anomalies, compression, digits, text
from .row import markdown_table, without_drawn  # noqa: F401

ROWS = {row.name: row for row in (*anomalies.ROWS, *text.ROWS, *digits.ROWS, *compression.ROWS)}

HEAD = """# What autoencoders are for

Made by `bench/applications`, row by row: each use on real data, with baselines that learn from the same
rows and are judged on the same ones in the same run. Thresholds and choices are made on training or
validation data, never on test data; ± is the standard deviation over seeds or splits. Minutes are of one
core, baselines included. Where a baseline wins, the table says so.
"""


def write_page(path, pictures, kept):
    lines = [HEAD]
    summaries = []
    for name, row in ROWS.items():
        if name not in kept:
            continue
        measured = kept[name]["measured"]
        summary = row.summary(measured)
        lines += [f"## {row.title}", "", *row.section(measured, pictures), "", f"**Verdict.** {summary.verdict}", "",
                  f"`bench/applications {name}`; as a program of one's own: [`examples/{row.example}.cc`]"
                  f"(../examples/{row.example}.cc).", ""]
        summaries.append([f"[{name}](#{row.anchor()})", summary.ours, summary.baseline, summary.published,
                          summary.seeds, f"{kept[name]['cpu_minutes']:.1f}", summary.short])
    head = ["use", "ours", "baseline", "published", "seeds", "minutes", "verdict"]
    lines += ["## All of them", "", *markdown_table(head, summaries)]
    path.write_text("\n".join(lines) + "\n")

"""How the comparison is printed."""

import json
import sys

NOISY = 0.08  # a row is measured where the spread is below this
FEW = 5  # pairs, of which fewer have no spread to speak of


def note(text):
    print(text, file=sys.stderr, flush=True)


def head(machine, arguments):
    if arguments.json:
        print(json.dumps(machine), flush=True)
        return
    print(f"{machine['cpu']}, {machine['kernels']} kernels, {machine['blas']}")
    print(f"{arguments.pairs} pairs of {arguments.seconds} s; ratio: theirs / ours, median [min-max]")
    print(f"{'':<14}{'cores':>6}{'ours':>11}{'theirs':>11}  ratio", flush=True)


def measured(r):
    """Was the machine quiet enough? Of few pairs nobody can tell."""
    return r["pairs"] < FEW or r["spread"] < NOISY


def verdict(r):
    """Whether the floor is met, where there is one."""
    if not measured(r):
        return "not measured"
    if r["floor"] is None:
        return ""
    text = f"floor {r['floor']:.3g}: "
    if r["pairs"] < FEW:
        return text + "too few pairs to tell"
    return text + ("met" if r["ratio"] >= r["floor"] else "MISSED")


def agrees(r):
    """Did the losses after some steps, or the outputs, come out the same? A NaN did not."""
    return "disagreement" not in r or r["disagreement"] <= r["agreement"]


def agreement(r):
    if "disagreement" not in r:
        return ""
    return f"{r.get('compared', 'losses')} {'agree' if agrees(r) else 'DIFFER'} to {r['disagreement']:.0e}"


def figures(r):
    spread = f"spread {100 * r['spread']:.0f} %"
    if not measured(r):
        return f"  not measured: {spread}, {r['tries']} times"
    ratio = f"{r['ratio']:.2f}x [{r['min']:.2f}-{r['max']:.2f}], {spread}"
    words = [ratio, f"{r['unit']}, {r['theirs']}"] + ([verdict(r)] if verdict(r) else [])
    return f"{r['ours']:>11.4g}{r['peer']:>11.4g}  " + "; ".join(words)


def row(results, arguments):
    for r in results:
        r["verdict"] = verdict(r)
        if arguments.json:
            print(json.dumps(r), flush=True)
            continue
        text = "; ".join(word for word in (figures(r), agreement(r)) if word)
        print(f"{r['row']:<14}{r['threads']:>6}{text}", flush=True)

"""Text with few labels, and retrieval."""

from .charts import curves
from .row import Row, Summary, bold_best, markdown_table, mean, over

RIVALS = ("TF-IDF + LR", "LSA + LR")
METHODS = (*RIVALS, "codes + LR", "joint")


def labels_section(found, pictures):
    rows, lines = [], {m: [] for m in METHODS}
    for percent, at in found["accuracy"].items():
        values = [mean(at[m]) for m in METHODS]
        rows.append([f"{percent} %", at["labels"], *bold_best([over(at[m]) for m in METHODS], values)])
        for m, value in zip(METHODS, values):
            lines[m].append((len(rows), value))
    curves(pictures / "labels.svg", lines, (0.8, len(rows) + 0.2), (0.3, 0.8), (0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
           label="1 %, 5 %, 10 % and 100 % of the labels: accuracy")
    return [
        "20 Newsgroups (\"bydate\", 2000 stems): all 11314 training documents are read, but only a share of",
        f"{found['documents']} has its group, drawn group by group from the seed; {found['validation']} others are",
        "the validation documents by which every method, baselines included, keeps its best epoch. Accuracy on the",
        f"{found['test']} test documents, {found['seeds']} seeds. The codes are 128 tanh units of an autoencoder of",
        "TF-IDF weights of which half are masked, with a multinomial loss, learnt without labels; joint training goes",
        "on from it with the cross-entropy of the labelled documents, masked alike, added to the reconstruction of",
        "all. Features of the linear classifiers, softmax regressions, have length 1; their weights' squares are weighed",
        "by 1 / (2 C n), n labelled documents, where of C = 0.3, 3 and 30 the validation documents choose, too.", "",
        *markdown_table(["labels", "documents", *METHODS], rows), "",
        "![Accuracy by share of labels](applications/labels.svg)"]


def ahead_at(found, method):
    """The shares of labels at which a method is above all baselines with every seed."""
    return [percent for percent, at in found["accuracy"].items()
            if all(ours > max(rivals) for ours, *rivals in zip(at[method], *(at[r] for r in RIVALS)))]


def labels_summary(found):
    share = found["accuracy"]
    codes, joint = ahead_at(found, "codes + LR"), ahead_at(found, "joint")

    def said(name, shares):
        return f"{name} are above all baselines with every seed at {', '.join(s + ' %' for s in shares)}" if shares \
            else f"{name} are nowhere above all baselines with every seed"
    winner = max(METHODS, key=lambda m: mean(share["100"][m]))
    better = mean(share["1"]["joint"]) > mean(share["1"]["codes + LR"])
    verdict = (f"{said('Codes', codes)}; {said('jointly learnt ones', joint)}. At 1 % joint training is "
               f"{'above' if better else 'below'} a classifier of codes that no label has touched. With all labels the "
               f"best is {winner}.")
    reached = all(s in codes or s in joint for s in ("1", "5"))
    return Summary(", ".join(f"{over(share[s]['codes + LR'])}" for s in ("1", "5")) + " (codes at 1, 5 %)",
                   "; ".join(f"{b} " + ", ".join(f"{mean(share[s][b]):.3f}" for s in ("1", "5"))
                             for b in RIVALS),
                   "-", str(found["seeds"]), verdict,
                   f"{'above' if reached else '**not above**'} the baselines at 1 and 5 %; all labels: {winner}")


MEASURES = (("p1", "P@1"), ("p10", "P@10"), ("p100", "P@100"), ("map", "mAP"))


def retrieval_section(found, pictures):
    rows = []
    for name, ours in found["ours"].items():
        rows.append([f"autoencoder, {name}", *(over([t[key] for t in ours["test"]]) for key, _ in MEASURES)])
    for name, each in found["baselines"].items():
        rows.append([name, *(f"{each[key]:.3f}" for key, _ in MEASURES)])
    means = {name: [mean([t[key] for t in ours["test"]]) for key, _ in MEASURES] for name, ours in found["ours"].items()}
    shown = {"autoencoder, 128": means["128 numbers"], "autoencoder, 32 bits": means["32 bits"]}
    for name in ("TF-IDF", "LSA, 128 numbers", "LSA, 32 bits"):
        shown[name] = [found["baselines"][name][key] for key, _ in MEASURES]
    curves(pictures / "retrieval.svg", {n: list(enumerate(v, 1)) for n, v in shown.items()}, (0.8, 4.2), (0, 0.8),
           (0, 0.2, 0.4, 0.6, 0.8), label="precision among the first 1, 10, 100; mean average precision")
    tried = "; ".join(f"{name}: " + ", ".join(f"{p:.3f} ({code} units, masking {m:g}, noise {n:g}, {e} epochs)"
                                              for code, m, n, e, p in ours["tried"])
                      for name, ours in found["ours"].items())
    real, bits = found["milliseconds"]["real"], found["milliseconds"]["bits"]
    return [
        f"20 Newsgroups: {found['queries']} test documents query {found['items']} training documents; relevant is",
        f"what has the query's group. The autoencoder (masked TF-IDF, multinomial loss, tanh codes; {found['seeds']}",
        "seeds) is chosen by P@100 of a tenth of the training part that queries the rest. Bits say which numbers are",
        "above their median over the items; of codes, and of \"LSA, turned\", these numbers are the first 32 principal",
        "components of 128 or 32, turned among themselves until they lie near corners (Gong & Lazebnik, \"Iterative",
        "quantization\", 2011).", "",
        *markdown_table(["method", *(title for _, title in MEASURES)], rows), "",
        f"Tried on the validation documents, P@100: {tried}.", "",
        f"A query for its 100 nearest takes {real:.2f} ms among the real codes (`ae::NearestNeighbours`) and",
        f"{bits:.2f} ms among the bits (`ae::BinaryCodes`), on one thread of a busy machine.", "",
        "![Precision by method](applications/retrieval.svg)"]


def retrieval_summary(found):
    p100 = {name: [t["p100"] for t in ours["test"]] for name, ours in found["ours"].items()}
    real, bits = mean(p100["128 numbers"]), mean(p100["32 bits"])
    base = {name: each["p100"] for name, each in found["baselines"].items()}
    lsa_bits = max(base["LSA, 32 bits"], base["LSA, 32 bits, turned"])

    def floor(value, least):
        return f"above the floor of {least:.2f}" if value >= least else f"{least - value:.3f} below the floor of {least:.2f}"
    first = max(found["baselines"], key=lambda b: found["baselines"][b]["p1"])
    p1 = mean([t["p1"] for t in found["ours"]["128 numbers"]["test"]])
    p1_base = found["baselines"][first]["p1"]
    verdict = (f"128 numbers: P@100 {real:.3f}, {floor(real, 0.54)}, against {base['LSA, 128 numbers']:.3f} of LSA and "
               f"{base['TF-IDF']:.3f} of TF-IDF. 32 bits: {bits:.3f}, {floor(bits, 0.49)}, against {lsa_bits:.3f} of "
               f"LSA's. For the first document alone {first} has {p1_base:.3f}, the codes {p1:.3f}.")
    return Summary(f"{over(p100['128 numbers'])}; 32 bits {over(p100['32 bits'])} (P@100)",
                   f"LSA {base['LSA, 128 numbers']:.3f}, TF-IDF {base['TF-IDF']:.3f}; LSA's 32 bits {lsa_bits:.3f}", "-",
                   str(found["seeds"]), verdict, f"real codes {floor(real, 0.54)}, bits {floor(bits, 0.49)}")


ROWS = [
    Row("labels", "Text with few labels", 3, "documents", labels_section, labels_summary),
    Row("retrieval", "Documents like a document", 4, "documents", retrieval_section, retrieval_summary),
]

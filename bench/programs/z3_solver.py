"""z3 proves that one pigeon too many does not fit, and factors a number as a question about bits."""

from driver import digest, main, require, scaled
from process import run_to_end


def pigeons(holes):
    """Each of holes + 1 pigeons sits somewhere, and no two in one hole."""
    lines = [f"(declare-const p{p}_{h} Bool)" for p in range(holes + 1) for h in range(holes)]
    for p in range(holes + 1):
        lines.append("(assert (or " + " ".join(f"p{p}_{h}" for h in range(holes)) + "))")
    for h in range(holes):
        for p in range(holes + 1):
            lines += [f"(assert (not (and p{p}_{h} p{q}_{h})))" for q in range(p)]
    return lines


FACTORS = """
(declare-const a (_ BitVec 40))
(declare-const b (_ BitVec 40))
(assert (= (bvmul a b) #x{product:010x}))
(assert (and (bvugt a #x0000000001) (bvugt b a) (bvult b #x0000100000)))
"""


def run(folder):
    holes = 5 + scaled(3)
    script = ["(push)", *pigeons(holes), "(check-sat)", "(pop)", FACTORS.format(product=2039 * 4093), "(check-sat)"]
    (folder / "question.smt2").write_text("\n".join(script) + "\n")
    with open(folder / "out", "wb") as out:
        figures = run_to_end(["z3", "question.smt2"], cwd=folder, stdout=out)
    output = (folder / "out").read_bytes()
    require(output == b"unsat\nsat\n", f"the answers are unsat and sat, not {output!r}")
    figures.checksum = digest(output)
    return figures


main("z3: a proof about pigeons, and the factors of a number", {"z3": "z3"}, run)

"""Which of the stored runs is the best one to classify with."""

from catsdogs.analysis import evaluation
from catsdogs.runs import Run, store


def best() -> Run:
    """The finished run with the highest held-out accuracy; the bundled one where no finished run is better than guessing, which it is
    not where the confidence interval of its accuracy includes 50%."""
    tested = [(run, evaluation.load(run).test) for run in store.list_all() if run.state == "finished"]
    better = [(score.accuracy, run) for run, score in tested if score.low > 0.5]
    return max(better, key=lambda pair: pair[0])[1] if better else store.load(store.SHIPPED)

"""What goes wrong and when: drawn from a seed, so that a run can be played again."""

from dataclasses import dataclass
from random import Random

WEBS = ("web-1", "web-2")
WORKERS = {"worker-1": "celery", "worker-2": "celery,outside", "worker-3": "outside"}  # and their queues
BEAT = "beat"
POSTGRES, REDIS = "postgres", "redis"
SENDERS = tuple(name for name, queues in WORKERS.items() if "outside" in queues)  # of mails

KILLS_APART = (6.0, 14.0)  # seconds
ROUND_SECONDS = 300.0  # each kind of trouble comes once in so long, at least once in a run
LONGEST_SECONDS = 60.0
MOST_CLOCK_SECONDS = 90  # below a mail's lease and a charge's: two may work on one thing, and both must know
# Kinds that last, and those that are over at once.
LASTING = ("redis_gone", "stripe_lost", "stripe_broken", "stripe_slow", "stripe_doubled", "mail_refused", "mail_gone")
SUDDEN = ("redis_flushed", "postgres_restarted", "postgres_killed", "postgres_cut")
CLOCK = "clock"


@dataclass(frozen=True)
class Step:
    """Trouble of a `kind`, so many seconds after the start and, where it lasts, for so long.

    `target`: the process. `part`: which of its processes is killed, by place; None: all of them at once.
    `shift`: by how many seconds its clock is wrong.
    """

    at: float
    kind: str
    target: str = ""
    seconds: float = 0.0
    part: int | None = None
    shift: int = 0

    def __str__(self) -> str:
        what = " ".join(filter(None, [self.kind, self.target, f"{self.shift:+d} s" if self.shift else ""]))
        part = "" if self.part is None else ", one of its processes"
        return f"{what}{part}" + (f", for {self.seconds:.0f} s" if self.seconds else "")


def draw(seed: int, seconds: float) -> list[Step]:
    """The plan of a run, in order of time; the last trouble is over when the run is."""
    dice = Random(seed)
    rounds = max(1, round(seconds / ROUND_SECONDS))
    span = seconds / rounds
    steps = _kills(dice, seconds)
    for number in range(rounds):
        steps += _once_each(dice, number * span, span)
    return sorted(steps, key=lambda step: step.at)


def _kills(dice: Random, seconds: float) -> list[Step]:
    steps, at = [], 0.0
    while (at := at + dice.uniform(*KILLS_APART)) < seconds:
        target = dice.choice([*WEBS, *WORKERS, *WORKERS, BEAT, REDIS])  # workers are what it is about
        part = dice.randrange(1, 4) if dice.random() < 0.3 else None
        steps.append(Step(at, "killed", target, part=part))
    return steps


def _once_each(dice: Random, since: float, span: float) -> list[Step]:
    steps = []
    for kind in LASTING:
        lasts = min(LONGEST_SECONDS, span / 5) * dice.uniform(0.5, 1)
        steps.append(Step(since + dice.uniform(0, span - lasts), kind, seconds=lasts))
    steps += [Step(since + dice.uniform(0.05, 0.95) * span, kind) for kind in SUDDEN]
    for target in (dice.choice(WEBS), dice.choice(list(WORKERS)), BEAT):
        lasts = span / 5
        shift = dice.randrange(20, MOST_CLOCK_SECONDS)
        if target not in WEBS and dice.random() < 0.5:  # a report from a web server's future is told as it arrived
            shift = -shift
        steps.append(Step(since + dice.uniform(0, span - lasts), CLOCK, target, lasts, shift=shift))
    return steps

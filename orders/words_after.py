"""The words for what comes after a parcel left: questions, problems, replacements, returns, money back."""

from datetime import date

from django.utils.translation import gettext, gettext_noop

from orders import notes, pricing, words_tax
from orders.clock import Clock
from orders.models import Complaint, Order, Question
from orders.money import display_amount

NOT_NEEDED = "not_needed"
# What may be wrong, as a customer says it.
PROBLEMS = {
    Complaint.Kind.NOT_COME: gettext_noop("It has not come"),
    Complaint.Kind.WRONG: gettext_noop("It is the wrong cartridge"),
    Complaint.Kind.DAMAGED: gettext_noop("It is damaged"),
    Complaint.Kind.DOES_NOT_WORK: gettext_noop("It does not work"),
    NOT_NEEDED: gettext_noop("I do not need it"),
}

# Steps that change no state, as an order's history tells them.
NOTED = {
    notes.ASKED_IF_COME: gettext_noop("We asked you whether it has come."),
    notes.ASKED_IF_IN: gettext_noop("We asked you whether it is in the printer."),
    notes.LET_GO: gettext_noop("It was checked, and is packed next."),
    notes.COMPLAINED: gettext_noop("You told us that something is wrong with it."),
    notes.COMPLAINT_ANSWERED: gettext_noop("We answered what you told us about it."),
    notes.RETURN_ANNOUNCED: gettext_noop("You told us that you send it back."),
    notes.PART_RETURNED: gettext_noop("Part of it came back to us."),
    notes.NEW_DATE: gettext_noop("We told you that it is expected another day, or that there is no date any more."),
    notes.REFUNDED: gettext_noop("Money went back to your card."),
}

STOPPED = gettext_noop("A person checks it before it is packed.")

ANSWERS = {
    Question.Answer.YES: gettext_noop("It is in"),
    Question.Answer.NOT_YET: gettext_noop("Not yet"),
    Question.Answer.NEVER_CAME: gettext_noop("It never came"),
    Question.Answer.DOES_NOT_WORK: gettext_noop("It does not work"),
}
TOLD = {
    Question.Answer.YES: gettext_noop("You told us that it is in. The next time it is low, we order another."),
    Question.Answer.NOT_YET: gettext_noop("You told us that it is not in yet."),
    Question.Answer.NEVER_CAME: gettext_noop("You told us that it never came."),
    Question.Answer.DOES_NOT_WORK: gettext_noop("You told us that it does not work."),
}
IT_HAS_COME = gettext_noop("You told us that it has come.")
PERSON_LOOKS = gettext_noop("A person looks at it first, usually on the same working day. You need not do anything.")
REFUND_TAKES = gettext_noop("Banks take up to 10 days to show it.")


def noted(note: str) -> str:
    """A step that changed no state, in words; empty for any other."""
    if note.startswith(notes.STOPPED):  # the reason is for staff
        return gettext(STOPPED)
    return gettext(NOTED[note]) if note in NOTED else ""


def question(asked: Question, clock: Clock) -> str:
    """What the customer is asked."""
    if asked.line is None or asked.line.slot is None:
        return gettext("Has it come?")
    return gettext("Is the new %(supply)s in the printer?") % {"supply": asked.line.slot.name}


def complaint(told: Complaint, clock: Clock) -> str:
    """What the customer said, and when; then our answer, or that a person looks at it, as long as one must."""
    facts = {"day": clock.day(told.at), "what": gettext(PROBLEMS[Complaint.Kind(told.kind)]).lower()}
    text = gettext("You told us on %(day)s: %(what)s.") % facts
    if told.declined_at:
        answered = gettext("We answered on %(day)s: %(answer)s")
        return f"{text} {answered % {'day': clock.day(told.declined_at), 'answer': told.answer}}"
    return text if told.sent_at else f"{text} {gettext(PERSON_LOOKS)}"


def price_story(order: Order) -> str:
    """What was quoted, and why it costs something else now, or was charged so; empty where it is the same."""
    why = [text for text in (words_tax.moved(order), pricing.difference(order)) if text]
    quoted = display_amount(order.quoted_total_cents, order.currency)
    return " ".join([gettext("When we ordered it, we wrote %(quoted)s.") % {"quoted": quoted}, *why]) if why else ""


def not_late(last: date | None, clock: Clock) -> str:
    """From when on it may be said that it has not come."""
    if last is None:
        return ""
    text = gettext("It should arrive by %(day)s. If it is not there by then, tell us here, and we send a new one.")
    return text % {"day": clock.day(last)}


def went_back(amount: str, card: str, day: str) -> str:
    """'$24.99 went back to Visa 4242 on Wed 10 Dec.'"""
    return gettext("%(amount)s went back to %(card)s on %(day)s.") % {"amount": amount, "card": card, "day": day}

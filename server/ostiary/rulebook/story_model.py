"""What the file of a rehearsal may say: who acts, what they do, and when."""

from __future__ import annotations

from ostiary.domain.enumeration import Enumeration
from ostiary.domain.policy import ExtensionStage
from ostiary.domain.review import ReviewVerdict
from ostiary.rulebook.directory_model import HomeText
from ostiary.rulebook.records import Record, RecordShape, RecordsOf, maybe, optional, required
from ostiary.rulebook.shapes import ID, Text, TextsByName, Word, YesNo, words_of
from ostiary.rulebook.time_shapes import Length, Moment

LENGTH = Length("weeks", "days", "hours", "minutes", zero=True)


class Deed(Enumeration):
    """What an actor of a story can do."""

    REQUEST = "request"
    APPROVE = "approve"
    DENY = "deny"
    CANCEL = "cancel"
    EXTEND = "extend"
    GIVE_BACK = "give_back"
    ASSIGN = "assign"
    REMOVE = "remove"
    REPROCESS = "reprocess"
    REVIEW = "review"
    REPLY = "reply"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DELETE = "delete"


class VisitorText(Record):
    """Somebody from outside, without an object in the directory."""

    id = required(ID, "How the acts name the person.")
    mail = maybe(Text("name"), "The mail address.")
    home = maybe(RecordShape(HomeText), "How the person signs in at home.")


class DeedText(Record):
    """What may be said about whatever somebody does."""

    label = maybe(ID, "A name for the request that it makes, for `of` in later acts.")
    of = maybe(ID, "The label of the request that it is about; the latest if left out.")
    for_ = maybe(ID, "With request (on behalf), assign, remove, block, unblock, delete: whom.")
    package = maybe(ID, "The access package.")
    policy = maybe(ID, "The assignment policy.")
    justification = maybe(Text("answer"), "Why.")
    answers = optional(TextsByName("answer"), {}, "Answers by the id of the question.")
    start = maybe(Moment(), "The start that is asked for.")
    end = maybe(Moment(end=True), "The end that is asked for.")
    bypass_approval = optional(YesNo(), default=False, about="With assign: past the approvers.")
    verdict = maybe(Word(words_of(ReviewVerdict)), "With review: keep or remove.")
    stage = maybe(Word(words_of(ExtensionStage)), "With reply: the stage that waits.")
    state = maybe(Word({"denied": "denied", "canceled": "canceled"}), "With reply: ends it.")
    detail = maybe(Text("description"), "With reply: what approvers read.")


class ActText(DeedText):
    """One thing that somebody does."""

    at_ = maybe(Moment(), "When; or say `after`.")
    after = maybe(LENGTH, "How long after the act before it, or after the beginning.")
    who = required(ID, "Who does it: a user, a visitor, or `staff`.")
    does = required(Word(words_of(Deed)), "What is done.")
    refused = optional(YesNo(), default=False, about="Whether it is meant to be refused.")


class StoryText(Record):
    """The file of a rehearsal."""

    story = required(Text("name"), "What the story is about.")
    begins = required(Moment(), "The instant at which it begins.")
    ends = required(Moment(end=True), "The instant at which it ends.")
    visitors = optional(RecordsOf(VisitorText), (), "People from outside.")
    acts = required(RecordsOf(ActText), "What people do, in order.")

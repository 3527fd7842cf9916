"""The semantics once more: slow, plain, and written without a look at the real thing.

`decide` answers one request, `list_requestable` what a person can see. Only `ostiary.domain` is
imported: no tables, no rule pack, no index. Each function carries out the rule that its docstring
names. Where the written rules leave a detail open, this is how it is read:

The first gate that is not passed for certain gives the answer, in the order: submitter, 3 to 12.
An answer that stops before gate 7 offers nothing; one that stops later shows what was offered.
A choice that is not made ends the matter: gates 10 to 12 look at a selected policy.
`visible` looks at gates 3 to 6 and the hidden flag only.

Reasons: the headline first. When gate 6 refuses, one reason for each policy follows. All faults of
the content are told: justification, missing answers, answers to unknown questions, wrong answers,
schedule. A yes tells why the scope matched, which policy is in force, who approves, and warns of
a package without entries. A group path goes from the person's own group up to the one that counts.

Approvers: a person who is deleted or blocked is discarded for that, otherwise for an own request.
One relation that nobody told us makes its whole list unknown. Unknown alternates count as well.

Actions: what hangs on a human act has an anchor and an offset, all else an instant too. The n-th
review is counted from the first one, so months that are clipped do not drift.
"""

from __future__ import annotations

from tests.oracle.decision import decide, list_requestable
from tests.oracle.expected import Expected, as_expected

__all__ = ["Expected", "as_expected", "decide", "list_requestable"]

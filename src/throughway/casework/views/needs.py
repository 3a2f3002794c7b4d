"""To note a need of a student, to change it, and to close it."""

from throughway.casework.needs.actions import save_need, set_need_state
from throughway.casework.needs.forms import NeedStateForm, StudentNeedForm
from throughway.casework.needs.need import TABLE, NeedState, ShownNeed, needs_of
from throughway.casework.views.entries import EntryScreens
from throughway.casework.views.students import WORKERS
from throughway.partners.page_access import screen


def _initial(shown: ShownNeed) -> dict[str, object]:
    return {"kind": shown.kind, "source": shown.source, "since": shown.since, "text": shown.text}


NEEDS = EntryScreens(
    table=TABLE,
    template="casework/need.html",
    form=StudentNeedForm,
    save=save_need,
    noun="need",
    saved="The need is saved.",
    find=lambda record, names: needs_of(record.tables.get(TABLE, ()), names=names, reader=record.reader),
    version=lambda shown: shown.version,
    initial=_initial,
    states=NeedStateForm,
    set_state=set_need_state,
    said={
        NeedState.MET: "The need is met, and closed.",
        NeedState.NO_LONGER: "The need is no longer there, and closed.",
        NeedState.WRONG: "The need was noted by mistake, and closed.",
        NeedState.OPEN: "The need is open again.",
    },
)
new = screen(*WORKERS, person=True)(NEEDS.new)
edit = screen(*WORKERS, person=True)(NEEDS.edit)
close = screen(*WORKERS, person=True)(NEEDS.close)

from django.urls import path

from throughway.casework.program_entry import views as entering
from throughway.casework.views import (
    assigning,
    caseloads,
    needs,
    notes,
    referrals,
    students,
    supports,
    tasks,
)

app_name = "casework"
urlpatterns = [
    path("", students.students, name="students"),
    path("<int:person>/", students.student, name="student"),
    path("<int:person>/notes/", notes.new, name="note_new"),
    path("<int:person>/notes/<slug:entry>/", notes.edit, name="note"),
    path("<int:person>/tasks/", tasks.new, name="task_new"),
    path("<int:person>/tasks/<slug:entry>/", tasks.edit, name="task"),
    path("<int:person>/tasks/<slug:entry>/close/", tasks.close, name="task_close"),
    path("<int:person>/needs/", needs.new, name="need_new"),
    path("<int:person>/needs/<slug:entry>/", needs.edit, name="need"),
    path("<int:person>/needs/<slug:entry>/close/", needs.close, name="need_close"),
    path("<int:person>/supports/", supports.supports_that_fit, name="supports"),
    path("<int:person>/refer/<int:support>/", referrals.refer, name="refer"),
    path("referrals/", referrals.referrals, name="referrals"),
    path("referrals/unanswered/", referrals.unanswered_referrals, name="unanswered"),
    path("referrals/<slug:referral>/", referrals.referral, name="referral"),
    path("referrals/<slug:referral>/enter/", entering.from_referral, name="enter_referred"),
    path("caseloads/", caseloads.caseloads, name="caseloads"),
    path("caseloads/assign/", assigning.assign, name="assign"),
    path("caseloads/sites/", assigning.sites, name="sites"),
    path("caseloads/<int:number>/", caseloads.caseload, name="caseload"),
    path("caseloads/<int:number>/<int:record>/end/", caseloads.end, name="end"),
]

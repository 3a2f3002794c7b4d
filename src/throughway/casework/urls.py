from django.urls import path

from throughway.casework.views import assigning, caseloads, notes, referrals, students, supports

app_name = "casework"
urlpatterns = [
    path("", students.students, name="students"),
    path("<int:person>/", students.student, name="student"),
    path("<int:person>/notes/", notes.new, name="note_new"),
    path("<int:person>/notes/<slug:note>/", notes.edit, name="note"),
    path("<int:person>/supports/", supports.supports_that_fit, name="supports"),
    path("<int:person>/refer/<int:support>/", referrals.refer, name="refer"),
    path("referrals/", referrals.referrals, name="referrals"),
    path("referrals/unanswered/", referrals.unanswered_referrals, name="unanswered"),
    path("referrals/<slug:referral>/", referrals.referral, name="referral"),
    path("caseloads/", caseloads.caseloads, name="caseloads"),
    path("caseloads/assign/", assigning.assign, name="assign"),
    path("caseloads/sites/", assigning.sites, name="sites"),
    path("caseloads/<int:number>/", caseloads.caseload, name="caseload"),
    path("caseloads/<int:number>/<int:record>/end/", caseloads.end, name="end"),
]

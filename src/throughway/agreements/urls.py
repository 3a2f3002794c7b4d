"""URLs of the agreements' pages."""

from django.urls import path

from throughway.agreements.views import acts, detail, list, papers

app_name = "agreements"
urlpatterns = [
    path("", list.all_agreements, name="list"),
    path("review/", list.review_draft, name="review"),
    path("<slug:id>/", detail.one_agreement, name="one"),
    path("<slug:id>/sql/", detail.as_sql, name="sql"),
    path("<slug:id>/later/", detail.later_text, name="later"),
    path("<slug:id>/side-by-side/", papers.side_by_side, name="side_by_side"),
    path("<slug:id>/papers/", papers.papers, name="papers"),
    path("<slug:id>/papers/<slug:form>/", papers.paper, name="paper"),
    path("<slug:id>/sign/paper/", papers.sign_on_paper, name="sign_on_paper"),
    path("<slug:id>/signed/<slug:sha256>/", papers.signed_paper, name="signed_paper"),
    path("<slug:id>/takes-effect/", acts.decide, name="decide"),
    path("<slug:id>/<slug:act>/", acts.act_on, name="act"),
]

"""Addresses of the back office's own pages, before the admin's, which are its frame and its lists."""

from django.urls import URLPattern, URLResolver, include, path

from ars.backoffice import (
    address,
    calls,
    catalogue,
    customer,
    find,
    look,
    pack,
    pack_order,
    pack_print,
    pack_return,
    pack_short,
    plan_acts,
)
from ars.backoffice.backorders import backorders
from ars.backoffice.cancelling import cancel_orders
from ars.backoffice.doubts import doubt
from ars.backoffice.queue_page import queue_page
from ars.backoffice.replacing import replace
from ars.backoffice.reports import reports
from ars.backoffice.retrying import retry
from ars.backoffice.sign_out import sign_out
from ars.backoffice.trial_page import trial_page, trials_page

app_name = "backoffice"
pack_urls = [
    path("", pack.station, name="pack"),
    path("list/", pack_print.pick_list, name="pack_list"),
    path("slips/", pack_print.all_slips, name="pack_slips"),
    path("<order_number:number>/", pack_order.order_page, name="pack_order"),
    path("<order_number:number>/dispatch/", pack_order.dispatch, name="pack_dispatch"),
    path("<order_number:number>/confirm/", pack_order.confirm, name="pack_confirm"),
    path("<order_number:number>/shelf/", pack_order.shelve, name="pack_shelve"),
    path("<order_number:number>/short/", pack_short.short, name="pack_short"),
    path("<order_number:number>/slip/", pack_print.slip, name="pack_slip"),
    path("<order_number:number>/return/", pack_return.came_back, name="pack_return"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("backorders/<int:sku_id>/", backorders, name="backorders"),
    path("cancel/", cancel_orders, name="cancel"),
    path("catalogue/export/<str:kind>.csv", catalogue.export, name="export"),
    path("catalogue/import/", catalogue.bring_in, name="import"),
    path("find/", find.find, name="find"),
    path("customers/<int:user_id>/", customer.customer, name="customer"),
    path("customers/<int:user_id>/addresses/<int:address_id>/", doubt, name="doubt"),
    path("customers/<int:user_id>/code/", calls.send_code, name="send_code"),
    path("customers/<int:user_id>/code/read/", calls.read_code, name="read_code"),
    path("customers/<int:user_id>/facts/", calls.hear_facts, name="hear_facts"),
    path("customers/<int:user_id>/look/", look.begin, name="look"),
    path("customers/<int:user_id>/notes/", calls.add_note, name="add_note"),
    path("customers/<int:user_id>/notes/<int:note_id>/done/", calls.follow_up, name="follow_up"),
    path("customers/<int:user_id>/plans/<int:plan_id>/address/", address.address, name="address"),
    path("customers/<int:user_id>/plans/<int:plan_id>/disconnect/", plan_acts.disconnect, name="disconnect"),
    path("customers/<int:user_id>/plans/<int:plan_id>/end/", plan_acts.end, name="end"),
    path("customers/<int:user_id>/plans/<int:plan_id>/pause/", plan_acts.pause, name="pause"),
    path("customers/<int:user_id>/plans/<int:plan_id>/resume/", plan_acts.resume, name="resume"),
    path("customers/<int:user_id>/sign-out/", sign_out, name="sign_out"),
    path("look/leave/", look.leave, name="look_leave"),
    path("pack/", include(pack_urls)),
    path("queues/<slug:slug>/", queue_page, name="queue"),
    path("replace/<int:order_id>/", replace, name="replace"),
    path("retry/<int:order_id>/", retry, name="retry"),
    path("reports/", reports, name="reports"),
    path("test-printers/", trials_page, name="trials"),
    path("test-printers/<int:plan_id>/", trial_page, name="trial"),
]

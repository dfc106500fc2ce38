"""Who may go where in the back office: its addresses, and what each role sees, adds, and does by a right of its own."""

from tests.ars.access_callers import BACK_OFFICE, Outcome, people, staff

PACK = "admin/pack/<order_number:number>/"
OF_PLAN = "admin/customers/<int:user_id>/plans/<int:plan_id>/"

# As TABLE in access_table.
ADMIN: dict[str, tuple[str, tuple[Outcome, ...]]] = {
    "admin/backorders/<int:sku_id>/": ("GET", staff(403)),
    "admin/cancel/": ("GET", staff(403)),
    "admin/replace/<int:order_id>/": ("GET", staff(403)),
    "admin/queues/<slug:slug>/": ("GET", staff(404)),  # no such queue; who may open which: test_queues.py
    "admin/reports/": ("GET", staff(200)),
    "admin/test-printers/": ("GET", staff(403)),
    "admin/test-printers/<int:plan_id>/": ("GET", staff(403)),
    "admin/find/": ("GET", staff(403)),  # with these too
    "admin/customers/<int:user_id>/": ("GET", staff(403)),
    "admin/customers/<int:user_id>/addresses/<int:address_id>/": ("GET", staff(403)),
    "admin/customers/<int:user_id>/code/": ("POST", staff(403)),
    "admin/customers/<int:user_id>/code/read/": ("POST", staff(403)),
    "admin/customers/<int:user_id>/facts/": ("POST", staff(403)),
    "admin/customers/<int:user_id>/notes/": ("POST", staff(403)),
    "admin/customers/<int:user_id>/notes/<int:note_id>/done/": ("POST", staff(403)),
    f"{OF_PLAN}address/": ("GET", staff(403)),
    **{f"{OF_PLAN}{act}/": ("GET", staff(403)) for act in ("disconnect", "end", "pause", "resume")},
    "admin/customers/<int:user_id>/look/": ("GET", staff(403)),
    "admin/customers/<int:user_id>/sign-out/": ("GET", staff(403)),
    "admin/look/leave/": ("POST", staff(BACK_OFFICE)),  # there is nothing to leave
    "admin/retry/<int:order_id>/": ("GET", staff(403)),
    "admin/": ("GET", staff(200)),
    "admin/login/": ("GET", people(403, 403, BACK_OFFICE)),
    "admin/logout/": ("GET", people(BACK_OFFICE, BACK_OFFICE, 405, nobody=BACK_OFFICE)),
    "admin/password_change/": ("GET", staff(200)),
    "admin/password_change/done/": ("GET", staff(200)),
    "admin/autocomplete/": ("GET", staff(403)),
    "admin/jsi18n/": ("GET", staff(200)),
    "admin/r/<path:content_type_id>/<path:object_id>/": ("GET", staff(404)),
    "admin/^(?P<app_label>APP)/$": ("GET", staff(404)),
    "admin/(?P<url>.*)$": ("GET", staff(404)),
    "admin/APP/MODEL/": ("GET", staff(403)),
    "admin/APP/MODEL/add/": ("GET", staff(403)),
    "admin/APP/MODEL/<path:object_id>/": ("GET", staff("/admin/APP/MODEL/0/change/")),
    "admin/APP/MODEL/<path:object_id>/change/": ("GET", staff(403)),
    "admin/APP/MODEL/<path:object_id>/delete/": ("GET", staff(403)),
    "admin/APP/MODEL/<path:object_id>/refund/": ("GET", staff(403)),  # with these, RIGHTS says who may
    "admin/APP/MODEL/<path:object_id>/again/": ("GET", staff(403)),
    "admin/APP/MODEL/<path:object_id>/decide/": ("GET", staff(403)),
    "admin/APP/MODEL/<path:object_id>/evidence/": ("GET", staff(403)),
    "admin/billing/charge/books/": ("GET", staff(403)),
    "admin/billing/charge/books/<str:month>/": ("GET", staff(403)),
    "admin/pack/": ("GET", staff(403)),
    "admin/pack/list/": ("GET", staff(403)),
    "admin/pack/slips/": ("GET", staff(403)),
    f"{PACK}": ("GET", staff(403)),
    f"{PACK}dispatch/": ("POST", staff(403)),
    f"{PACK}confirm/": ("POST", staff(403)),
    f"{PACK}shelf/": ("POST", staff(403)),
    f"{PACK}short/": ("GET", staff(403)),
    f"{PACK}slip/": ("GET", staff(403)),
    f"{PACK}return/": ("GET", staff(403)),
    "admin/notifications/delivery/failed/": ("GET", staff(403)),
    "admin/catalogue/export/<str:kind>.csv": ("GET", staff(403)),
    "admin/catalogue/import/": ("GET", staff(403)),
    "admin/APP/MODEL/<path:object_id>/history/": ("GET", staff(BACK_OFFICE)),  # before rights: there is no such object
}
PRICES = "orders.price orders.promotion"
FACTS_OF_ORDERS = "orders.order orders.dispatch"
CATALOGUE = f"printers.series printers.printermodel printers.sku printers.slot printers.slotalias {PRICES}"
# The models whose pages each role may open; nobody but a superuser opens any other.
SUPPORT_SEES = (
    f"enrollment.user enrollment.address enrollment.closure enrollment.plan enrollment.claim "
    f"enrollment.consent enrollment.purchase enrollment.pairingrequest printers.printer printers.devicetoken "
    f"printers.lowsignal printers.unknownsupply orders.replenishment orders.decision orders.stockitem orders.wait "
    f"billing.plancard billing.card billing.charge billing.refund billing.refundrequest notifications.message "
    f"billing.dunning orders.question orders.complaint orders.return orders.returnreceipt "
    f"enrollment.note enrollment.callercheck enrollment.look "
    f"orders.taxrate {FACTS_OF_ORDERS} {CATALOGUE}"
)
SEES = {
    "Support": SUPPORT_SEES,
    "Support lead": f"{SUPPORT_SEES} enrollment.change",
    "Warehouse": f"orders.stockitem orders.stockmovement orders.stockentry orders.reservation orders.receipt "
    f"orders.short orders.wait printers.sku notifications.endpoint notifications.delivery {FACTS_OF_ORDERS}",
    "Catalogue": f"printers.unknownsupply printers.lowsignal {CATALOGUE}",
    "Finance": f"enrollment.user enrollment.change enrollment.note enrollment.callercheck "
    f"enrollment.look billing.plancard billing.card billing.stripecustomer billing.charge "
    f"billing.stripeevent billing.refund billing.refundrequest billing.dunning billing.dispute "
    f"billing.reconciliation billing.difference orders.taxrate {PRICES} {FACTS_OF_ORDERS}",
}
# The pages beside those of models that ask for a right of their own: who has it, and what they get.
PACKS = ("Warehouse", "superuser")
GIVES = ("Support", "Support lead", "Finance", "superuser")
SPEAKS = ("Support", "Support lead", "superuser")  # with customers
CUSTOMER = "/admin/customers/1/"
RIGHTS: dict[str, tuple[tuple[str, ...], Outcome]] = {  # of number 0 there is nothing
    "admin/find/": (GIVES, 200),
    "admin/customers/<int:user_id>/": (GIVES, 200),
    "admin/customers/<int:user_id>/addresses/<int:address_id>/": (SPEAKS, 404),  # no such address
    "admin/customers/<int:user_id>/code/": (SPEAKS, CUSTOMER),
    "admin/customers/<int:user_id>/code/read/": (SPEAKS, CUSTOMER),
    "admin/customers/<int:user_id>/facts/": (SPEAKS, CUSTOMER),
    "admin/customers/<int:user_id>/notes/": (GIVES, CUSTOMER),
    "admin/customers/<int:user_id>/notes/<int:note_id>/done/": (GIVES, 404),
    f"{OF_PLAN}address/": (SPEAKS, 200),
    **{f"{OF_PLAN}{act}/": (SPEAKS, 200) for act in ("disconnect", "end", "pause", "resume")},
    "admin/customers/<int:user_id>/look/": (SPEAKS, 200),
    "admin/customers/<int:user_id>/sign-out/": (SPEAKS, 200),
    "admin/retry/<int:order_id>/": (SPEAKS, 404),  # there is no such order
    "admin/billing/charge/<path:object_id>/refund/": (GIVES, BACK_OFFICE),
    "admin/billing/refundrequest/<path:object_id>/decide/": (GIVES, BACK_OFFICE),
    "admin/billing/dispute/<path:object_id>/evidence/": (("Finance", "superuser"), BACK_OFFICE),
    "admin/catalogue/export/<str:kind>.csv": (("Catalogue", "superuser"), 200),
    "admin/catalogue/import/": (("Catalogue", "superuser"), 200),
    "admin/notifications/delivery/failed/": (("Warehouse", "superuser"), 200),
    "admin/billing/charge/books/": (("Finance", "superuser"), 200),
    "admin/notifications/message/<path:object_id>/again/": (("Support", "Support lead", "superuser"), BACK_OFFICE),
    "admin/backorders/<int:sku_id>/": (("Support", "Support lead", "Warehouse", "superuser"), 404),  # no such cartridge
    "admin/cancel/": (("Support", "Support lead", "superuser"), 200),
    "admin/replace/<int:order_id>/": (("Support", "Support lead", "superuser"), 404),  # there is no such order
    "admin/test-printers/": (("Support", "Support lead", "superuser"), 200),
    "admin/test-printers/<int:plan_id>/": (("Support", "Support lead", "superuser"), 404),  # a customer's printer
    "admin/billing/charge/books/<str:month>/": (("Finance", "superuser"), 200),
    "admin/pack/": (PACKS, 200),
    "admin/pack/list/": (PACKS, 200),
    "admin/pack/slips/": (PACKS, 200),
    f"{PACK}": (PACKS, 200),
    f"{PACK}dispatch/": (PACKS, "/admin/pack/1/"),  # nothing is scanned
    f"{PACK}confirm/": (PACKS, "/admin/pack/"),  # nor scanned once more
    f"{PACK}shelf/": (PACKS, "/admin/pack/1/"),
    f"{PACK}short/": (PACKS, 404),  # of no piece
    f"{PACK}slip/": (PACKS, 200),
    f"{PACK}return/": (PACKS, 200),
}
ADDS = {
    "Catalogue": PRICES,
    "Finance": "orders.taxrate",
    "Warehouse": "orders.stockentry",
    "superuser": f"{PRICES} orders.taxrate orders.stockentry enrollment.apikey enrollment.partner "
    f"notifications.endpoint",
}

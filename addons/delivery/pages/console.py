"""The console pages of delivery: what became of a receipt's letters and papers, beside the receipt itself."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from kernel.web.pages import CONSOLE, Pages
from kernel.web.view import View

PAGES = Pages("delivery")
SALE = f"{CONSOLE}/sales/{{id}}"
DELIVER = "delivery.deliver"


@PAGES.slot("trade.sale", order=10, permission="delivery.view")
async def delivery(view: View, sale_id: str) -> str:
    """Letters and prints of a receipt, and ways to send one more."""
    data = await view.query("sale_delivery", id=sale_id)
    sale = data["sale"]
    return "" if sale is None else view.part("delivery/sale.html", sale_id=sale_id, found=sale["delivery"])


@PAGES.page(f"{SALE}/mail", title="delivery.send", permission=DELIVER)
async def mail_form(view: View) -> Response:
    """Where to send the receipt."""
    return view.show("delivery/mail.html", sale_id=view.place("id"))


@PAGES.action(f"{SALE}/mail", permission=DELIVER)
async def mail(view: View) -> Response:
    """Send the receipt by e-mail."""
    email = (await view.form()).get("email") or None
    outcome = await view.mutate("send_receipt", id=view.place("id"), email=email)
    return await view.done(outcome, _sale(view), mail_form, note="delivery.sent_note")


@PAGES.action(f"{SALE}/print", permission=DELIVER)
async def print_again(view: View) -> Response:
    """Print the receipt on the printer of its register."""
    outcome = await view.mutate("print_receipt", id=view.place("id"))
    return await view.done(outcome, _sale(view), mail_form, note="delivery.printed_note")


def _sale(view: View) -> str:
    return f"{CONSOLE}/sales/{quote(view.place('id'), safe='')}"

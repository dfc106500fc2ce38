"""How order numbers stand in addresses."""

from orders.money import display_number, parse_number


class OrderNumberConverter:
    """An order's nine digits, with dashes or without; a mistyped number leads nowhere."""

    regex = r"[0-9]{4}-?[0-9]{4}-?[0-9]"

    def to_python(self, value: str) -> str:
        number = parse_number(value)
        if number is None:
            raise ValueError(value)
        return number

    def to_url(self, value: str) -> str:
        return display_number(value)

"""The store API: the box that is ticked at checkout."""

from typing import Any

from django.core.validators import EmailValidator
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from enrollment import purchases, zip_codes
from enrollment.authentication import partner_of
from enrollment.bodies import Text, Ticked
from enrollment.models import ApiKey, Plan
from printers.facts import Refused

NOT_ENROLLED = "not_enrolled"


class ShippingAddressBody(serializers.Serializer[Any]):
    """A place in the 50 states or DC."""

    full_name = Text(max_length=120, required=False, help_text="The buyer's name if left out.")
    attention = Text(max_length=60, required=False)
    line1 = Text(max_length=120)
    line2 = Text(max_length=120, required=False)
    city = Text(max_length=80)
    state = Text(help_text="Two letters, such as OR.")
    postal_code = Text(help_text="12345 or 12345-6789, one of that state.")
    country = Text(required=False, help_text="US, or left out.")
    phone = Text(max_length=30, required=False)

    def validate_state(self, state: str) -> str:
        if state.upper() not in zip_codes.STATES:
            raise ValidationError("We ship to the 50 states and DC: give one by its two letters.")
        return state.upper()

    def validate_postal_code(self, postal_code: str) -> str:
        if not zip_codes.ZIP_CODE.fullmatch(postal_code):
            raise ValidationError("Must be a ZIP code, such as 97201 or 97201-1234.")
        return postal_code

    def validate_country(self, country: str) -> str:
        if country.upper() != "US":
            raise ValidationError("We ship within the United States only.")
        return country.upper()

    def validate(self, address: dict[str, str]) -> dict[str, str]:
        state, zip_code = address["state"], address["postal_code"]
        if state not in (around := zip_codes.states_of(zip_code)):
            lies = f"it lies in {' or '.join(around)}" if around else "no state we ship to has it"
            raise ValidationError({"postal_code": [f"{zip_code} is not in {state}: {lies}."]})
        return address


class PurchaseBody(serializers.Serializer[Any]):
    """A printer that was bought. `auto_replenishment` is the box at checkout."""

    purchase_id = Text(max_length=100, trim_whitespace=False, help_text="Your own id: sent again, it counts once.")
    email = Text(max_length=254, validators=[EmailValidator()])
    full_name = Text(max_length=120)
    model = Text(max_length=120, help_text="With its series or without: PIXMA TS9120, or TS9120.")
    serial_number = Text(max_length=64, required=False)
    shipping_address = ShippingAddressBody()
    auto_replenishment = Ticked(help_text="false: nobody is enrolled, nothing is kept, and nobody is written to.")

    def validate_email(self, email: str) -> str:
        if len(lower := email.lower()) > 254:  # a few capital letters grow
            raise ValidationError("Ensure this field has no more than 254 characters.", "max_length")
        return lower

    def validate(self, purchase: dict[str, Any]) -> dict[str, Any]:
        purchase["shipping_address"].setdefault("full_name", purchase["full_name"])
        return purchase


class PurchaseAnswer(serializers.Serializer[Any]):
    """What became of it. It never says whether the person had an account."""

    purchase_id = serializers.CharField()
    model = serializers.CharField()
    status = serializers.ChoiceField(
        [*Plan.Status.choices, (NOT_ENROLLED, "The box was not ticked")],
        help_text="`pending`: the buyer is mailed how to activate. `not_enrolled`: the box was not ticked.",
    )


class StorePurchases(APIView):
    """A purchase."""

    scope = ApiKey.Scope.STORE

    @extend_schema(
        operation_id="tell_purchase",
        tags=["Stores"],
        request=PurchaseBody,
        responses={201: PurchaseAnswer, 200: PurchaseAnswer, 409: None},
    )
    def post(self, request: Request) -> Response:
        """A printer was bought. 201: its enrolment is pending, and the buyer is mailed how to activate it.

        The same purchase again is 200 and changes nothing; its id with another body is 409. With
        `auto_replenishment` false it is 200: nobody is enrolled, nothing is kept, and the id stays free.
        """
        body = PurchaseBody(data=request.data)
        body.is_valid(raise_exception=True)
        sent = dict(body.validated_data)
        purchase_id = sent.pop("purchase_id")
        if not sent.pop("auto_replenishment"):
            return Response({"purchase_id": purchase_id, "model": sent["model"], "status": NOT_ENROLLED})
        try:
            purchase, new = purchases.record(partner_of(request), purchase_id, sent, timezone.now())
        except Refused as refused:
            if refused.code not in ("unknown_model", "model_not_eligible"):
                raise
            raise ValidationError({"model": [str(refused)]}, refused.code) from refused
        answer = {"purchase_id": purchase_id, "model": str(purchase.plan.model), "status": purchase.plan.status}
        return Response(answer, status=201 if new else 200)

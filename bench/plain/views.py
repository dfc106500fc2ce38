"""The floor, and the tutorial: a ModelViewSet that authenticates, validates and stores six levels. No rules."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from rest_framework import serializers, viewsets
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from bench.plain.models import Device, Reading, Supply


def floor(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Device, str]:
        token = get_authorization_header(request).decode().partition(" ")[2]
        device = Device.objects.filter(token=token).first()
        if device is None:
            raise AuthenticationFailed
        return device, token


class SupplySerializer(serializers.ModelSerializer[Supply]):
    class Meta:
        model = Supply
        fields = ["slot", "level"]


class ReadingSerializer(serializers.ModelSerializer[Reading]):
    supplies = SupplySerializer(many=True, write_only=True)

    class Meta:
        model = Reading
        fields = ["message_id", "observed_at", "supplies"]

    @transaction.atomic
    def create(self, validated: dict[str, Any]) -> Reading:
        supplies = validated.pop("supplies")
        device: Device = validated["device"]
        for supply in supplies:
            Supply.objects.update_or_create(device=device, slot=supply["slot"], defaults={"level": supply["level"]})
        device.seen_at = validated["observed_at"]
        device.save()
        levels = {supply["slot"]: supply["level"] for supply in supplies}
        return Reading.objects.create(levels=levels, **validated)


class ReadingViewSet(viewsets.ModelViewSet[Reading]):
    queryset = Reading.objects.all()
    serializer_class = ReadingSerializer
    authentication_classes = [TokenAuthentication]

    def perform_create(self, serializer: serializers.BaseSerializer[Reading]) -> None:
        serializer.save(device=self.request.user)

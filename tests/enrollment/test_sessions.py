"""Sessions that are over are deleted, and nobody is signed out by it."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from enrollment.tasks import forget_sessions
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_only_sessions_that_are_over_are_forgotten() -> None:
    client, user = Client(), UserFactory.create()
    with time_machine.travel(timezone.now() - timedelta(days=60)):
        Client().force_login(user)
    client.force_login(user)
    assert Session.objects.count() == 2
    forget_sessions()
    assert Session.objects.get().pk == client.session.session_key

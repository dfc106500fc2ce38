"""Two addresses."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from bench.plain.views import ReadingViewSet, floor

router = SimpleRouter()
router.register("readings", ReadingViewSet)
urlpatterns = [path("floor", floor), *router.urls]

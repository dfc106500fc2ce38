"""Addresses of the public site."""

from django.urls import path

from ars.site import agent, views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("printers/", views.printers, name="printers"),
    path("printers/<slug:slug>/", views.printer, name="printer"),
    path("prices/", views.prices, name="prices"),
    path("download/", views.download, name="download"),
    path("instructions/", views.instructions, name="instructions"),
    path("download/ars-agent.pyz", agent.download, name="agent_file"),
    path("help/", views.help_page, name="help"),
    path("terms/", views.terms_page, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("styleguide/", views.styleguide, name="styleguide"),
]

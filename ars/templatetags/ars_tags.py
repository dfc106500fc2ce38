"""Filters for our templates."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def unhinted(field: BoundField) -> SafeString:
    """The field without a placeholder: the label stays where it is while one types."""
    return field.as_widget(attrs={"placeholder": False})

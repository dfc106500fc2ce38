"""What our way of taking a report is measured against: Django that does nothing, and the way a tutorial would do it."""

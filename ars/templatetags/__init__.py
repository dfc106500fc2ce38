"""What our templates may say beyond Django's own."""

"""What operators see of the service: its log lines, its figures for Prometheus, and how each request went."""

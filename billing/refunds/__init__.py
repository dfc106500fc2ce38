"""Money back: from what came back to a refund, asked of Stripe until it is made."""
